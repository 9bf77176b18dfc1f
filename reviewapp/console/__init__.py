"""Pages that look across all planes: operations."""
