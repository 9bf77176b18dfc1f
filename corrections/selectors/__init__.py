"""Reads of the feedback plane, scoped by permission."""
