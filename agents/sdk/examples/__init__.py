"""Programs to read and to run: they need a running product and say what they do."""
