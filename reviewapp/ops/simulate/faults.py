"""The one way in which the simulation says that it cannot go on."""


class SimulationError(Exception):
    """Something outside must change first; the text is one sentence for a person."""
