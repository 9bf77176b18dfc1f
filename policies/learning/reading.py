"""Reading one field of a training case exactly as the runtime will read it of a decision."""

from typing import Any

from agents.runtime import model
from policies.learning.dataset import Row

category = model.category


def value(row: Row, path: str, *, target: str, positive: str) -> Any:
    """Return the value at a model path, or None when the case has none.

    `proposal.probability` is the proposing agent's own probability of the `positive` class.
    """
    if path == "proposal.probability":
        return model.probability_of(row.proposal, target=target, positive=positive)
    return row.input.get(path.removeprefix("input."))
