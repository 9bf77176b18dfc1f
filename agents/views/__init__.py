"""Pages of the execution plane."""
