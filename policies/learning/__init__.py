"""Pure learning: rows in, a policy body out. No Django, no clock, no database; time and seed are arguments."""
