"""Learned exceptions: where people made the same correction again and again, and nobody contradicted them.

An exception is a rule a person can read, with its sources. Finding one is a search over many small segments, and such
a search always finds something; so it must beat a test that counts how many segments were tried.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from policies.learning import reading
from policies.learning.dataset import Row
from policies.learning.fields import CATEGORICAL, Field
from reviewapp.core import ids

DEFAULTS = {"on": False, "min_support": 5, "alpha": 0.05, "max_share": 0.2, "most": 5}

Condition = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A segment in which every settled case got `output`, and `sources` were corrections to it."""

    conditions: tuple[Condition, ...]
    output: Mapping[str, Any]
    label: str
    sources: tuple[str, ...]


def find(
    rows: Sequence[Row],
    answers: Mapping[str, str],
    fields: Sequence[Field],
    settings: Mapping[str, Any],
) -> tuple[Found, ...]:
    """Return the exceptions that the training rows support, strongest first.

    `answers` says, per row id, what the policy without exceptions would answer: an exception exists only where that is
    still wrong. A segment is one or two conditions on closed lists of words. It needs `min_support` distinct inputs
    corrected to the identical output, no settled case that got another answer, at most `max_share` of all rows, and
    the chance that so many corrections agree by accident, times the segments tried, at most `alpha`.
    """
    knobs = {**DEFAULTS, **settings}
    if not knobs["on"]:
        return ()
    closed = [field for field in fields if field.kind == CATEGORICAL]
    marks = {row.id: _marks(row, closed) for row in rows}
    wrong = [row for row in rows if row.source == "consensus" and answers.get(row.id) != row.label]
    judged = [row for row in rows if row.source == "consensus"]
    if not wrong or not judged:
        return ()
    rate = min(0.99, len(wrong) / len(judged))
    segments = _segments(wrong, marks, int(knobs["min_support"]))
    candidates = [
        found
        for conditions in segments
        if (found := _hold(conditions, rows, wrong, marks, knobs)) is not None
        and rate ** len(found.sources) * len(segments) <= knobs["alpha"]
    ]
    return _cover(candidates, int(knobs["most"]))


def as_rules(
    found: Sequence[Found], fields: Sequence[Field], earlier: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Write found exceptions as artifact entries; one that `earlier` policies had keeps its id."""
    by_name = {field.name: field for field in fields}
    known = {entry["when"]: str(entry["id"]) for entry in earlier}
    last = max((int(str(entry["id"]).rpartition("-")[2]) for entry in earlier), default=0)
    rules = []
    for item in found:
        when = " && ".join(_cel(by_name[name], value) for name, value in item.conditions)
        identity = known.get(when)
        if identity is None:
            last += 1
            identity = f"E-{last:04d}"
        rules.append(
            {
                "id": identity,
                "title": _title(item, by_name),
                "when": when,
                "output": dict(item.output),
                "support": len(item.sources),
                "sources": list(item.sources),
            }
        )
    return sorted(rules, key=lambda rule: str(rule["id"]))


def _marks(row: Row, closed: Iterable[Field]) -> frozenset[Condition]:
    found = ((field.name, row.input.get(field.name)) for field in closed)
    return frozenset((name, reading.category(value)) for name, value in found if value is not None)


def _segments(
    wrong: Sequence[Row], marks: Mapping[str, frozenset[Condition]], least: int
) -> list[tuple[Condition, ...]]:
    counts: dict[tuple[Condition, ...], int] = {}
    for row in wrong:
        own = sorted(marks[row.id])
        for size in (1, 2):
            for conditions in combinations(own, size):
                counts[conditions] = counts.get(conditions, 0) + 1
    return sorted(conditions for conditions, count in counts.items() if count >= least)


def _hold(
    conditions: tuple[Condition, ...],
    rows: Sequence[Row],
    wrong: Sequence[Row],
    marks: Mapping[str, frozenset[Condition]],
    knobs: Mapping[str, Any],
) -> Found | None:
    wanted = frozenset(conditions)
    inside = [row for row in rows if wanted <= marks[row.id]]
    if len(inside) > knobs["max_share"] * len(rows) or len({row.label for row in inside}) != 1:
        return None
    corrected = [row for row in wrong if wanted <= marks[row.id]]
    outputs = {ids.digest(row.output) for row in inside if row.source == "consensus"}
    if len({row.unit for row in corrected}) < knobs["min_support"] or len(outputs) != 1:
        return None
    first = corrected[0]
    return Found(conditions, first.output, first.label, tuple(sorted(row.id for row in corrected)))


def _cover(candidates: Sequence[Found], most: int) -> tuple[Found, ...]:
    """Take the strongest, then only what explains corrections that none of the taken explains."""
    taken: list[Found] = []
    explained: set[str] = set()
    for item in sorted(candidates, key=lambda item: (-len(item.sources), len(item.conditions), item.conditions)):
        if len(taken) < most and not explained.issuperset(item.sources):
            taken.append(item)
            explained.update(item.sources)
    return tuple(taken)


def _cel(field: Field, value: str) -> str:
    literal = value if not field.values and value in {"true", "false"} else json.dumps(value, ensure_ascii=False)
    test = f"{field.path} == {literal}"
    return test if field.required else f"has({field.path}) && {test}"


def _title(item: Found, by_name: Mapping[str, Field]) -> str:
    segment = " and ".join(f"{by_name[name].label} is {value}" for name, value in item.conditions)
    return f"{segment}: {item.label}"
