"""Simulated reviewers, a share of whom work against the truth in one of five ways."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CLICKER, FLIP, ALWAYS, SEGMENT, RING = KINDS = ("clicker", "flip", "always", "segment", "ring")

REVIEWERS = 40
CORRECTIONS = 225  # a head
VOICES = 3  # people per case
GOLD_SHARE = 0.05

# How often honest people are right: Beta(12, 2.2) between .60 and .98, .84 in the mean. They err where a case is hard
# (Whitehill et al., NIPS 2009), as hard as the base model found it; on no case are they worse than a coin.
_SKILL = (12.0, 2.2, 0.60, 0.98)
_FLIPPED = 0.3
_RING_LIES = 0.3

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Said:
    """Answers as rows of (case, reviewer, label), all by their number; who attacks."""

    rows: list[tuple[int, int, int]]
    attackers: frozenset[int]


def answer(truth: Ints, segments: Ints, hardness: Floats, *, kind: str | None, share: float, seed: int) -> Said:
    """Return what reviewers say of these cases, of truth 0 or 1; `kind` None is a crowd of honest people.

    `hardness` is how much more than on average people err on each case, 1 in the mean.

    Who judges what, who is how skilled, and honest mistakes depend on the seed alone: an attack changes nothing but the
    attackers' own words.
    """
    chance = np.random.default_rng([seed, 1])
    skill = np.clip(chance.beta(_SKILL[0], _SKILL[1], REVIEWERS), _SKILL[2], _SKILL[3])
    seats = _seats(len(truth), chance)
    right = np.maximum(0.5, 1 - (1 - skill[seats]) * hardness[:, None])
    honest = np.where(chance.random(seats.shape) < right, truth[:, None], 1 - truth[:, None])
    bad = chance.permutation(REVIEWERS)[: round(share * REVIEWERS)] if kind else np.zeros(0, dtype=np.int64)
    attack = np.isin(seats, bad)
    lies = _lies(kind, honest, truth, segments, np.random.default_rng([seed, 2]))
    said = np.where(attack, lies, honest)
    rows = [
        (case, int(who), int(label))
        for case, (people, labels) in enumerate(zip(seats, said, strict=True))
        for who, label in zip(people, labels, strict=True)
    ]
    return Said(rows, frozenset(bad.tolist()))


def cases_needed() -> int:
    """Return how many cases give every reviewer their corrections."""
    return REVIEWERS * CORRECTIONS // VOICES


def _seats(cases: int, chance: np.random.Generator) -> Ints:
    # Rounds of shuffled reviewers, so that everybody gets the same number of cases and nobody one case twice.
    rounds = -(-cases * VOICES // REVIEWERS)
    order = np.concatenate([chance.permutation(REVIEWERS) for _ in range(rounds)])[: cases * VOICES]
    seats = order.reshape(cases, VOICES)
    for case in range(cases):
        while len(set(seats[case].tolist())) < VOICES:
            other = int(chance.integers(cases))
            place, there = int(chance.integers(VOICES)), int(chance.integers(VOICES))
            mine, theirs = seats[case, place], seats[other, there]
            if theirs not in seats[case] and mine not in seats[other]:
                seats[case, place], seats[other, there] = theirs, mine
    return seats


def _lies(kind: str | None, honest: Ints, truth: Ints, segments: Ints, chance: np.random.Generator) -> Ints:
    coins = chance.random(honest.shape)
    if kind == CLICKER:
        return (coins < 0.5).astype(np.int64)
    if kind == FLIP:
        return np.where(coins < _FLIPPED, 1 - honest, honest)
    if kind == ALWAYS:
        return np.full_like(honest, 1 if truth.mean() < 0.5 else 0)
    if kind == SEGMENT:
        target = _target(truth, segments, chance)
        rarer = 1 if truth[segments == target].mean() < 0.5 else 0
        return np.where((segments == target)[:, None], rarer, honest)
    lied = chance.random(len(truth)) < _RING_LIES
    return np.where(lied[:, None], 1 - truth[:, None], honest)


def _target(truth: Ints, segments: Ints, chance: np.random.Generator) -> int:
    """Return a segment in which an answer that is always the same does harm: one where both answers occur."""
    mixed: Sequence[int] = [
        int(segment) for segment in np.unique(segments) if 0.15 <= truth[segments == segment].mean() <= 0.85
    ]
    return int(chance.choice(mixed or np.unique(segments)))
