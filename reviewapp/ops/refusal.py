"""The one way in which starting, checking or resetting says no."""


class Refusal(Exception):
    """Something outside the program must change first; the text is one sentence for a person."""
