"""The API of what looks across all planes."""
