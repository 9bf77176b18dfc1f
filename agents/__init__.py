"""The execution plane: agents, their contracts, the policy runtime, serving slots and decisions."""
