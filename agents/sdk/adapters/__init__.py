"""Countersign in agent frameworks. Each module needs its framework, and nothing else here imports it."""
