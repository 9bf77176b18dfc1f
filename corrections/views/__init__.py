"""Pages of the feedback plane."""
