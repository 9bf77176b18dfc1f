"""Which sealed exemplars are most like a case: a pure function, so the same question has the same answer.

Texts are compared by their words (cosine of the two sets, as in Salton & McGill 1983), numbers by their distance in
standard deviations of the exemplars, everything else by being equal. A document's likeness is the mean over the
fields asked for; a field that an exemplar lacks counts nothing.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import pstdev
from typing import Any

# Deeper than any input of a contract.
_DEEPEST = 32
_WORD = re.compile(r"\w+")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """An exemplar and how like it is: 1 the same, 0 nothing in common, None when nothing was asked for."""

    exemplar: Mapping[str, Any]
    similarity: float | None


class Unreadable(ValueError):
    """What is asked for says nothing one could compare; the message names the mend."""


def asked(text: str) -> str | dict[Path, Any]:
    """Return what `for` asks: plain text, or values by path from a JSON object or from a pointer (`/item=kettle`).

    Raises `Unreadable` for a pointer without a value and for JSON that is no object.
    """
    text = text.strip()
    if text.startswith("/"):
        pointer, equals, value = text.partition("=")
        path = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))
        if not equals or not all(path):
            raise Unreadable("Give a pointer with its value, such as /item=kettle.")
        return {path: _value(value)}
    if text[:1] not in {"{", "["}:
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(found, dict):
        raise Unreadable("Give an object with fields of the input, or plain text.")
    leaves = dict(_leaves(found))
    if not leaves:
        raise Unreadable("Give at least one field of the input.")
    return leaves


def nearest(
    exemplars: Sequence[Mapping[str, Any]], wanted: str | Mapping[Path, Any] | None, *, limit: int
) -> tuple[Near, ...]:
    """Return the `limit` exemplars most like `wanted`, most alike first; equals keep the order in which they were sealed.

    Without anything wanted they come in that order, which is the learner's: the most telling first.
    """
    if wanted is None:
        return tuple(Near(one, None) for one in exemplars[:limit])
    inputs = [dict(_leaves(one.get("input", {}))) for one in exemplars]
    if isinstance(wanted, str):
        words = _words(wanted)
        likeness = [_overlap(words, _words(" ".join(_texts(found)))) for found in inputs]
    else:
        spreads = {path: _spread(inputs, path) for path in wanted}
        likeness = [
            sum(_alike(value, found.get(path), spreads[path]) for path, value in wanted.items()) / len(wanted)
            for found in inputs
        ]
    ranked = sorted(range(len(exemplars)), key=lambda index: (-round(likeness[index], 6), index))
    return tuple(Near(exemplars[index], round(likeness[index], 6)) for index in ranked[:limit])


def _alike(wanted: Any, found: Any, spread: float) -> float:
    if found is None:
        return 1.0 if wanted is None else 0.0
    if _number(wanted) and _number(found):
        return 1.0 if wanted == found else 1 / (1 + abs(wanted - found) / spread) if spread else 0.0
    if isinstance(wanted, str) and isinstance(found, str):
        return 1.0 if wanted == found else _overlap(_words(wanted), _words(found))
    return 1.0 if type(wanted) is type(found) and wanted == found else 0.0


def _spread(inputs: Sequence[Mapping[Path, Any]], path: Path) -> float:
    values = [float(found[path]) for found in inputs if _number(found.get(path))]
    return pstdev(values) if len(values) > 1 else 0.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / math.sqrt(len(one) * len(other)) if one and other else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _texts(found: Mapping[Path, Any]) -> Iterator[str]:
    return (value for value in found.values() if isinstance(value, str))


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items() if len(path) < _DEEPEST else ():
            yield from _leaves(inner, (*path, str(name)))
    elif path:
        yield path, value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
