"""Agents and decisions over HTTP, outside the hot path."""
