"""Pages of the learning and release plane."""
