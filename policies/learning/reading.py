"""Reading one field of a case the way the runtime reads it."""

from collections.abc import Mapping
from typing import Any

from policies.learning.dataset import Row


def value(row: Row, path: str, *, target: str, positive: str) -> Any:
    """Return the value at a model path, or None when the case has none.

    `proposal.probability` is the proposing agent's probability of the `positive` class: its confidence when it proposes
    that class, the rest when it proposes the other.
    """
    if path == "proposal.probability":
        return probability(row.proposal, target=target, positive=positive)
    return row.input.get(path.removeprefix("input."))


def probability(proposal: Mapping[str, Any] | None, *, target: str, positive: str) -> float | None:
    """Return the proposal's probability of `positive`, or None without a proposal or a stated confidence."""
    if proposal is None or proposal.get("confidence") is None:
        return None
    confidence = float(proposal["confidence"])
    return confidence if str(proposal["output"].get(target)) == positive else 1.0 - confidence


def category(raw: Any) -> str:
    """Return the code of a categorical value; booleans read as JSON writes them."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw)
