"""Web helpers: fragments, problem documents, error pages, navigation, forms from JSON Schema, template tags."""
