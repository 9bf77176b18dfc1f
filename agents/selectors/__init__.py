"""Reading agents, contracts, slots and decisions."""
