"""For agents whose answers are too free or too few for a model: the settled cases themselves, as examples."""

from collections.abc import Sequence

from policies.learning.dataset import Row
from policies.learning.learned import Learned, Task

DEFAULTS = {"exemplars": 6}


def learn(rows: Sequence[Row], task: Task) -> Learned:
    """Choose the cases most worth showing: corrected ones first, then the most trusted, one per input.

    `settings["exemplars"]` says how many. Nothing is fitted, so there is no model and nothing to calibrate.
    """
    limit = int(task.settings.get("exemplars", DEFAULTS["exemplars"]))
    best: dict[str, Row] = {}
    for row in sorted((row for row in rows if row.source == "consensus"), key=_worth):
        best.setdefault(row.unit, row)
    chosen = sorted(best.values(), key=_worth)[:limit]
    return Learned(model={"kind": "none"}, exemplars=tuple(_exemplar(row) for row in chosen))


def _worth(row: Row) -> tuple[int, float, str]:
    corrected = row.decided is not None and row.decided != row.label
    return (0 if corrected else 1, -row.weight, row.id)


def _exemplar(row: Row) -> dict[str, object]:
    corrected = row.decided is not None and row.decided != row.label
    return {
        "source": row.id,
        "input": row.input,
        "output": row.output,
        "reading": f"People answered {row.label}, the agent {row.decided}."
        if corrected
        else f"People agreed: {row.label}.",
    }
