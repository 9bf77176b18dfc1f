"""Writing notices."""
