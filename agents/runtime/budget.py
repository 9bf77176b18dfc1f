"""What a rule may cost: a bound in steps, known before the rule runs, because the engine cannot be stopped half way.

Rules have no functions and no loops in loops, so the work is at most: the words of the rule, for every item of every
list, and for each of them once over the texts that are compared. A step is one word of a rule, or CHARS characters of a
text; measured, it takes about 0.05 µs. The engine's own limit, 10,000 items, says nothing of how long each takes.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_STEPS = 200_000
CHARS = 16
# Matching a pattern may look at each character many times over (RE2 stays linear, at up to 5 µs a character).
PATTERN = 256

# Seconds that a step takes, and the steps that a case may take however little time is left: a millisecond.
STEP_SECONDS = 5e-8
LEAST_STEPS = 20_000

_WORD = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|[^\s\w]")
_PATTERN = re.compile(r"\bmatches\s*\(")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a rule takes: its `words`, whether they are repeated for each item, and whether texts are matched."""

    words: int
    loops: bool
    matches: bool

    @property
    def varies(self) -> bool:
        """Tell whether the case decides how much the rule takes."""
        return self.loops or self.matches

    def steps(self, size: "Size") -> int:
        """Return the most steps that the rule takes on a case of this size."""
        text = size.text // CHARS * (PATTERN if self.matches else 1)
        return (self.words + text) * max(1, size.items if self.loops else 1)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a case is to its rules: `items` of all lists together; characters of the single texts and, of those in
    lists, the longest."""

    items: int = 0
    text: int = 0


class OutOfSteps(Exception):
    """A case would take more steps than are left for it; nothing of it was worked out."""


def within(seconds: float) -> int:
    """Return the steps that fit into what is left of the time for an answer."""
    return max(LEAST_STEPS, int(seconds / STEP_SECONDS))


def cost(text: str, *, loops: bool) -> Cost:
    """Return what a rule takes, from its source."""
    return Cost(sum(1 for _ in _WORD.finditer(text)), loops, _PATTERN.search(text) is not None)


def size(values: Iterable[Any]) -> Size:
    """Return the size of what a rule reads: JSON values, in any nesting."""
    items = text = longest = 0
    left: list[Any] = []
    for value in values:
        if isinstance(value, str):
            text += len(value)
        elif isinstance(value, list | tuple | Mapping):
            left.append(value)
    while left:
        inner = left.pop()
        items += len(inner)
        for value in inner.values() if isinstance(inner, Mapping) else inner:
            if isinstance(value, str):
                longest = max(longest, len(value))
            elif isinstance(value, list | tuple | Mapping):
                left.append(value)
    return Size(items, text + longest)
