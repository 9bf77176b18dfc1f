"""Chance that is the same on every run: drawn from a hash of the seed and of what it is drawn for."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(seed: int, *parts: object) -> float:
    """Return a number in [0, 1) that depends on the seed and on `parts` alone."""
    text = "\x00".join(str(part) for part in (seed, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def shuffled(seed: int, items: Sequence[T], *parts: object) -> list[T]:
    """Return the items in an order that depends on the seed, on `parts` and on their position alone."""
    places = sorted(range(len(items)), key=lambda place: draw(seed, *parts, place))
    return [items[place] for place in places]
