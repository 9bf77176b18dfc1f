"""Running the product: the stack on one machine, its health, the demo and the simulation."""
