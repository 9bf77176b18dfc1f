"""How far a correction reaches as a learned exception: narrowly, or as widely as a learner may take it.

One correction does not say which of its circumstances matter. So two ends are counted: cases that are the same in every
field of closed words, and the one or two such fields that take in the most cases. What a learner finds lies between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Marks = Mapping[str, str | bool]

# What learners of policies hold to: an exception has one or two conditions and covers a fifth of the cases at most.
_CONDITIONS = (1, 2)
_MOST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Segment:
    """Cases that share `fields` (paths) with the correction's: which by their place in the list, and those turned."""

    fields: tuple[str, ...]
    alike: tuple[int, ...]
    turned: tuple[int, ...]


def narrow(own: Marks, cases: Sequence[Marks], turned: Sequence[bool | None]) -> Segment:
    """Return the cases that share every mark. `turned` says for each case whether its answer would become another."""
    return _segment(tuple(sorted(own)), own, cases, turned)


def wide(own: Marks, cases: Sequence[Marks], turned: Sequence[bool | None]) -> Segment | None:
    """Return the segment by one or two marks with the most turned answers; None when none is small enough to be learned."""
    tried = [_segment(fields, own, cases, turned) for size in _CONDITIONS for fields in combinations(sorted(own), size)]
    fit = [one for one in tried if len(one.alike) <= _MOST_SHARE * len(cases)]
    return min(fit, key=lambda one: (-len(one.turned), len(one.fields), one.fields), default=None)


def _segment(fields: tuple[str, ...], own: Marks, cases: Sequence[Marks], turned: Sequence[bool | None]) -> Segment:
    alike = tuple(
        place
        for place, marks in enumerate(cases)
        if turned[place] is not None and all(marks.get(name) == own[name] for name in fields)
    )
    return Segment(fields, alike, tuple(place for place in alike if turned[place]))
