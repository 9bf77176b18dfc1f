"""Release notes: what a version learned from and what it changes, as sentences and as numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from policies.learning.calibrate import Threshold
from policies.learning.dataset import TEST, TRAIN, Dataset
from policies.learning.explain import Change

_NAMED_FIELDS = 3


def write(
    *,
    dataset: Dataset,
    listed: Sequence[Change],
    threshold: Threshold | None,
    flips: Mapping[str, int],
    replaces: int | None,
) -> dict[str, Any]:
    """Return the notes as JSON: `summary` (one line for lists), `lines` (the text), `counts` and `flips`.

    `flips` counts, over every case of the snapshot, those whose answer changes ("changed"), of them now right
    ("mended") and now wrong ("broken"), and "cases".
    """
    people = dataset.from_people(TRAIN)
    corrected = sum(1 for row in people if row.decided is not None and row.decided != row.label)
    counts = {
        "reference": len(dataset.using(TRAIN)) - len(people),
        "consensus": len(people),
        "corrected": corrected,
        "held_out": len(dataset.from_people(TEST)),
        "tests": len(dataset.using(TEST)),
    }
    return {
        "summary": _summary(listed, counts, replaces),
        "lines": [
            _learned_from(counts),
            *_rules(listed),
            *_fields(listed),
            *_thresholds(listed, threshold),
            *_flips(flips, replaces),
        ],
        "counts": counts,
        "flips": dict(flips),
    }


def _summary(listed: Sequence[Change], counts: Mapping[str, int], replaces: int | None) -> str:
    if replaces is None:
        return f"First version, learned from {_many(counts['reference'], 'reference case')}"
    parts = []
    for area, word in (("exception", "exception"), ("rule", "rule"), ("field", "field"), ("threshold", "threshold")):
        n = sum(change.area == area for change in listed)
        if n:
            parts.append(_many(n, word))
    if any(change.area == "exemplars" for change in listed):
        parts.append("examples")
    return f"{', '.join(parts) or 'Nothing'} changed, from {_many(counts['consensus'], 'settled decision')}"


def _learned_from(counts: Mapping[str, int]) -> str:
    if not counts["consensus"]:
        return f"Learned from {_many(counts['reference'], 'reference case')}. No verdict of a reviewer is in it yet."
    return (
        f"Learned from {_many(counts['consensus'], 'decision')} that people settled, {counts['corrected']} of them changed, "
        f"and from {_many(counts['reference'], 'reference case')}. "
        f"For testing, {_many(counts['held_out'], 'settled decision')} stayed aside."
    )


def _many(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"


def _rules(listed: Sequence[Change]) -> list[str]:
    words = {"added": "New", "removed": "Removed", "changed": "Changed"}
    return [
        f"{words[change.kind]} {change.area} {change.ref}: {change.title}. {change.text}"
        for change in listed
        if change.area in {"rule", "exception"}
    ]


def _fields(listed: Sequence[Change]) -> list[str]:
    moved = [change for change in listed if change.area == "field" and change.kind == "changed"]
    new = [change.title for change in listed if change.area == "field" and change.kind == "added"]
    lines = [f"{change.title}: {change.text[0].lower()}{change.text[1:]}" for change in moved[:_NAMED_FIELDS]]
    if len(moved) > _NAMED_FIELDS:
        rest = len(moved) - _NAMED_FIELDS
        lines.append(f"{_many(rest, 'more field')} moved less.")
    if moved and new:
        lines.append(f"Counted for the first time: {', '.join(new)}.")
    return lines


def _thresholds(listed: Sequence[Change], threshold: Threshold | None) -> list[str]:
    lines = [f"{change.title}: {change.text}." for change in listed if change.area == "threshold"]
    if threshold is None or not threshold.n:
        return lines
    alone = f"On {threshold.n} training cases scored by models that had not seen them, {threshold.share * 100:.0f} % are decided alone"
    error = "" if threshold.error is None else f", {threshold.error * 100:.1f} % of them wrongly"
    proof = " (the limit holds with 95 % confidence)" if threshold.certified else ""
    return [*lines, f"{alone}{error}{proof}."]


def _flips(flips: Mapping[str, int], replaces: int | None) -> list[str]:
    if replaces is None or not flips:
        return []
    line = (
        f"Against version {replaces}, {flips['changed']} of {flips['cases']} known cases get another answer: "
        f"{flips['mended']} become right, {flips['broken']} become wrong."
    )
    return [line]
