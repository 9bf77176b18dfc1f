"""Attacks on learning, tried on real cases: who is found, and what a policy loses to them."""
