"""Simulated people who drive the running product through its public API."""
