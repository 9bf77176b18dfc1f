"""Justifications that repeat others: told apart from those that merely follow the same habit of writing.

Notes on cases look alike; the numbers tell the cases apart. So only texts with the same numbers and the same negations
are compared at all, which also makes it fast: within such a block every pair is scored, and blocks too large for
that are thinned by MinHash (Broder 1997) in bands first.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from corrections.rules import dedup

EXACT, NEAR = "exact", "near"

# Similarity in per cent from which two texts with the same numbers are one text edited.
SIMILAR = 80.0
# Two words this similar are one word with a slip of the pen.
_SLIP = 60.0
# One word in this many may be another word altogether.
_WORDS_PER_CHANGE = 12

_DIGITS = re.compile(r"\d+")
_NEGATIONS = frozenset({"no", "not", "never", "none", "neither", "nor", "without", "cannot", "t"})

_SMALL = 64  # up to this many texts every pair is compared
_BANDS, _ROWS, _GRAM = 20, 4, 4
_SHARED = 0.35  # hashes two texts have in common before their letters are compared: half of what an edit leaves
_CROWDED = 200  # a band shared by more texts than this says nothing about any two of them

_AT_ONCE = 100_000

Numbers = npt.NDArray[np.int64]
Pairs = tuple[Numbers, Numbers]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A text that repeats an earlier one: places of both, "exact" or "near", and how similar they are in per cent."""

    later: int
    earlier: int
    kind: str
    similarity: float


def key(text: str) -> str:
    """Return what two texts must have in common to be compared: their numbers in any order, and their negations."""
    folded = dedup.fold(text)
    numbers = sorted(_DIGITS.findall(folded))
    negations = sum(word in _NEGATIONS for word in folded.split())
    return f"{','.join(numbers)}/{negations}"


def similarity(one: str, other: str) -> float | None:
    """Return how similar two texts are in per cent, 100 for texts that differ in looks alone, None for different ones."""
    first, second = dedup.fold(one), dedup.fold(other)
    if first == second:
        return 100.0
    if key(one) != key(other):
        return None
    found = max(fuzz.ratio(first, second), fuzz.ratio(_sorted(first), _sorted(second)))
    return found if found >= SIMILAR and _same_words(first.split(), second.split()) else None


def find(texts: Sequence[str]) -> list[Repeat]:
    """Return each text that repeats an earlier one, with the earliest it repeats; in the order of the texts.

    Empty texts repeat nothing. Nothing depends on chance.
    """
    folded = [dedup.fold(text) for text in texts]
    first: dict[str, int] = {}
    found: list[Repeat] = []
    for place, text in enumerate(folded):
        if not text:
            continue
        earlier = first.setdefault(text, place)
        if earlier != place:
            found.append(Repeat(place, earlier, EXACT, 100.0))
    near = _near(list(first), list(first.values()), texts)
    found += near.values()
    return sorted(found, key=lambda repeat: repeat.later)


def _near(distinct: list[str], places: list[int], texts: Sequence[str]) -> dict[int, Repeat]:
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        blocks[key(texts[place])].append(number)
    in_order = [_sorted(text) for text in distinct]
    earliest: dict[int, Repeat] = {}
    for left, right in _candidates(distinct, blocks):
        plain = _scores(distinct, left, right)
        moved = _scores(in_order, left, right)
        best = np.maximum(plain, moved)
        for at in np.flatnonzero(best >= SIMILAR).tolist():
            one, other = int(left[at]), int(right[at])
            if not _same_words(distinct[one].split(), distinct[other].split()):
                continue
            later, earlier = max(places[one], places[other]), min(places[one], places[other])
            known = earliest.get(later)
            if known is None or earlier < known.earlier:
                earliest[later] = Repeat(later, earlier, NEAR, round(float(best[at]), 1))
    return earliest


def _scores(texts: Sequence[str], left: Numbers, right: Numbers) -> npt.NDArray[np.float32]:
    scored: npt.NDArray[np.float32] = process.cpdist(
        [texts[place] for place in left.tolist()],
        [texts[place] for place in right.tolist()],
        scorer=fuzz.ratio,
        score_cutoff=SIMILAR,
        dtype=np.float32,
    )
    return scored


def _candidates(distinct: list[str], blocks: dict[str, list[int]]) -> Iterator[Pairs]:
    """Yield pairs worth scoring, in portions."""
    triangles = {size: np.triu_indices(size, 1) for size in range(2, _SMALL + 1)}
    portion: list[Pairs] = []
    waiting = 0
    for members in blocks.values():
        if len(members) < 2:
            continue
        numbers = np.array(members, dtype=np.int64)
        if len(members) <= _SMALL:
            left, right = triangles[len(members)]
            pair = (numbers[left], numbers[right])
        else:
            pair = _banded([distinct[number] for number in members], numbers)
        portion.append(pair)
        waiting += len(pair[0])
        if waiting > 200_000:
            yield _joined(portion)
            portion, waiting = [], 0
    if waiting:
        yield _joined(portion)


def _joined(portion: list[Pairs]) -> Pairs:
    return np.concatenate([left for left, _ in portion]), np.concatenate([right for _, right in portion])


def _banded(texts: list[str], numbers: Numbers) -> Pairs:
    """Return pairs that share a band of their MinHash over four-letter pieces."""
    signature = _signatures(texts)
    found: list[Numbers] = []
    for band in range(_BANDS):
        mixed = np.zeros(len(texts), dtype=np.uint64)
        for row in range(_ROWS):
            mixed = (mixed ^ signature[:, band * _ROWS + row]) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        order = np.argsort(mixed, kind="stable")
        found += _buckets(mixed[order], order, len(texts))
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    pairs = np.unique(np.concatenate(found))
    left, right = pairs // len(texts), pairs % len(texts)
    shared = np.concatenate(
        [
            (signature[left[at : at + _AT_ONCE]] == signature[right[at : at + _AT_ONCE]]).mean(axis=1)
            for at in range(0, len(left), _AT_ONCE)
        ]
    )
    alike = shared >= _SHARED
    return numbers[left[alike]], numbers[right[alike]]


def _buckets(mixed: npt.NDArray[np.uint64], order: Numbers, many: int) -> list[Numbers]:
    """Return the pairs inside each run of equal hashes, as one number each."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(mixed)) + 1, [many]])
    sizes = np.diff(starts)
    found = []
    for size in np.unique(sizes).tolist():
        if 2 <= size <= _CROWDED:
            runs = np.sort(order[starts[:-1][sizes == size][:, None] + np.arange(size)], axis=1)
            left, right = np.triu_indices(size, 1)
            found.append((runs[:, left] * many + runs[:, right]).ravel())
    return found


def _signatures(texts: list[str]) -> npt.NDArray[np.uint32]:
    """Return texts × hashes: the least hash over the text's pieces of four bytes, for each of sixty hashes."""
    encoded = [f" {text}   ".encode() for text in texts]
    letters = np.frombuffer(b"".join(encoded), dtype=np.uint8).astype(np.uint32)
    lengths = np.array([len(text) for text in encoded])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    pieces = letters[: len(letters) - _GRAM + 1].copy()
    for shift in range(1, _GRAM):
        pieces |= letters[shift : len(letters) - _GRAM + 1 + shift] << np.uint32(8 * shift)
    chance = np.random.default_rng(0)
    factors = chance.integers(1, 2**32, _BANDS * _ROWS, dtype=np.uint64).astype(np.uint32) | np.uint32(1)
    shifts = chance.integers(0, 2**32, _BANDS * _ROWS, dtype=np.uint64).astype(np.uint32)
    signature = np.empty((len(texts), len(factors)), dtype=np.uint32)
    pieces ^= pieces >> np.uint32(15)
    for column, (factor, shift) in enumerate(zip(factors, shifts, strict=True)):
        hashed = (pieces ^ shift) * factor
        hashed ^= hashed >> np.uint32(16)
        signature[:, column] = np.minimum.reduceat(hashed, starts)
    return signature


def _sorted(folded: str) -> str:
    return " ".join(sorted(folded.split()))


def _same_words(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether what is left of both after taking away shared words is slips of the pen, and hardly a changed word."""
    here, there = Counter(one), Counter(other)
    mine, theirs = list((here - there).elements()), list((there - here).elements())
    if not mine or not theirs:
        return True
    if "".join(mine) == "".join(theirs):
        return True
    changed = 0
    for word in min(mine, theirs, key=len):
        rest = theirs if len(mine) <= len(theirs) else mine
        best = max(rest, key=lambda candidate: fuzz.ratio(word, candidate), default="")
        if best and fuzz.ratio(word, best) >= _SLIP:
            rest.remove(best)
        else:
            changed += 1
    return changed <= min(len(one), len(other)) // _WORDS_PER_CHANGE
