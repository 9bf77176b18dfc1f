"""What may be done to agents, contracts, slots, decisions and resolutions."""
