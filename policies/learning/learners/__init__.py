"""Learners, loaded by name so that scikit-learn is loaded only where something learns."""
