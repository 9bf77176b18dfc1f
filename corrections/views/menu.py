"""What these pages add to the navigation."""
