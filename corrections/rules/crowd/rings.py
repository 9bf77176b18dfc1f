"""Rings: people whose answers agree far more often than their reliability explains. A ring counts as one voice.

Given what is right, independent people agree only as often as their confusion matrices say. Each pair's agreements above
that are tested (a normal tail, corrected for the number of pairs), strong pairs are joined, and people are added who agree
with the group as a whole. The dependence test follows the copying detection of Dong, Berti-Equille and Srivastava
(PVLDB 2009); weighing dependent voices down to one is the discount they apply.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy import sparse

from corrections.rules.crowd.answers import Answers, Flags, Floats, Ints
from corrections.rules.crowd.reliability import PRIOR, Fit, log_given

# A pair is strong when it shares this many tasks, …
_LEAST_COMMON = 8
# … agrees on at least this share of what independent people would disagree on, …
_LEAST_EXCESS = 0.35
# … and would show up by chance in one of a hundred such crowds at most.
_CHANCE = 0.01
_LEAST_DEVIATION = 4.0
# Joining a group takes this much against all its members together.
_JOINS = 3.5
_SMALLEST = 3

# Pairs are compared on a sample of tasks beyond this many, so that a million answers stay a matter of seconds.
_MOST_PAIRS = 3_000_000
_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Ties:
    """Symmetric workers × workers: agreements above expectation, their variance, and what was left to disagree on."""

    above: sparse.csr_matrix
    variance: sparse.csr_matrix
    room: sparse.csr_matrix
    first: Ints
    second: Ints
    common: Ints

    def deviations(self) -> Floats:
        """Return for each pair how many standard deviations it agrees above expectation."""
        above = np.asarray(self.above[self.first, self.second]).ravel()
        variance = np.asarray(self.variance[self.first, self.second]).ravel()
        found: Floats = above / np.sqrt(variance + 0.5)
        return found

    def excess(self) -> Floats:
        """Return for each pair the share of possible disagreements that are missing."""
        above = np.asarray(self.above[self.first, self.second]).ravel()
        room = np.asarray(self.room[self.first, self.second]).ravel()
        found: Floats = above / np.maximum(room, 1e-9)
        return found


def ties(answers: Answers, fitted: Fit, weights: Floats | None = None) -> Ties:
    """Compare every two people on the tasks they share; answers of weight 0 are left out."""
    _, workers, labels = answers.size
    given = np.exp(log_given(fitted.counts, fitted.shape, least_prior=PRIOR)).reshape(workers, labels, labels)
    pairs: Ints = np.zeros(0, dtype=np.int64)
    total: Floats = np.zeros((4, 0))
    for left, right in _pairs(answers, labels, weights):
        expected = np.einsum(
            "nk,ngk,ngk->n",
            fitted.posterior[answers.task[left]],
            given[answers.worker[left]],
            given[answers.worker[right]],
        )
        same = (answers.label[left] == answers.label[right]).astype(np.float64)
        keys = answers.worker[left] * workers + answers.worker[right]
        sums = np.stack([same - expected, expected * (1 - expected), 1 - expected, np.ones(len(same))])
        pairs, total = _added(np.concatenate([pairs, keys]), np.concatenate([total, sums], axis=1))
    first, second = pairs // workers, pairs % workers
    both = (np.concatenate([first, second]), np.concatenate([second, first]))

    def symmetric(values: Floats) -> sparse.csr_matrix:
        return sparse.csr_matrix((np.concatenate([values, values]), both), shape=(workers, workers))

    above, variance, room, common = total
    return Ties(symmetric(above), symmetric(variance), symmetric(room), first, second, common.astype(np.int64))


def find(found: Ties, workers: int) -> Ints:
    """Return for each worker the number of their ring, -1 for none. Rings have three members or more."""
    rings = np.full(workers, -1, dtype=np.int64)
    if not len(found.first):
        return rings
    cut = max(_LEAST_DEVIATION, NormalDist().inv_cdf(1 - _CHANCE / len(found.first)))
    strong = (found.deviations() >= cut) & (found.excess() >= _LEAST_EXCESS) & (found.common >= _LEAST_COMMON)
    edges = sparse.csr_matrix(
        (np.ones(int(strong.sum())), (found.first[strong], found.second[strong])), shape=(workers, workers)
    )
    _, group = sparse.csgraph.connected_components(edges, directed=False)
    size = np.bincount(group)
    number = 0
    for one in np.flatnonzero(size >= 2):
        members = _grown(found, group == one) & (rings < 0)
        if members.sum() >= _SMALLEST:
            rings[members] = number
            number += 1
    return rings


def belonging(found: Ties, rings: Ints) -> Floats:
    """Return for each worker how far they agree with a ring: with their own, else with their closest three together."""
    workers = len(rings)
    deviation = np.zeros(workers)
    for number in range(int(rings.max(initial=-1)) + 1):
        inside = (rings == number).astype(np.float64)
        together = (found.above @ inside) / np.sqrt(found.variance @ inside + 0.5)
        deviation = np.where(rings == number, together, deviation)
    closest = np.sort(_top(found, workers), axis=1)
    alone = closest.sum(axis=1) / np.sqrt(closest.shape[1])
    own: Floats = np.where(rings >= 0, np.maximum(deviation, alone), alone)
    return own


def one_voice(answers: Answers, rings: Ints) -> Floats:
    """Return the weight of each answer: 1, or for members of a ring their share of its one voice on that task."""
    weights = np.ones(len(answers.task))
    ring = rings[answers.worker]
    inside = ring >= 0
    if inside.any():
        keys = answers.task[inside] * (int(rings.max()) + 1) + ring[inside]
        _, back, voices = np.unique(keys, return_inverse=True, return_counts=True)
        weights[inside] = 1 / voices[back]
    return weights


def _top(found: Ties, workers: int, many: int = 3) -> Floats:
    """Return workers × many: the largest deviations of each worker's pairs, 0 where there are fewer."""
    deviations = found.deviations() if len(found.first) else np.zeros(0)
    who = np.concatenate([found.first, found.second])
    values = np.concatenate([deviations, deviations])
    order = np.lexsort((-values, who))
    who, values = who[order], values[order]
    rank = np.arange(len(who)) - np.searchsorted(who, who)
    kept = rank < many
    top = np.zeros((workers, many))
    top[who[kept], rank[kept]] = np.maximum(values[kept], 0.0)
    return top


def _grown(found: Ties, members: Flags) -> Flags:
    for _ in range(5):
        inside = members.astype(np.float64)
        above, variance, room = found.above @ inside, found.variance @ inside, found.room @ inside
        now = (above / np.sqrt(variance + 0.5) >= _JOINS) & (above >= _LEAST_EXCESS * room) & (room > 0)
        if (now == members).all():
            break
        members = now
    return members


def _pairs(answers: Answers, labels: int, weights: Floats | None) -> Iterator[tuple[Ints, Ints]]:
    """Yield places of answers to the same task by two people, the one of the lower number first."""
    tasks = answers.size[0]
    per_task = np.bincount(answers.task, minlength=tasks)
    total = int((per_task * (per_task - 1) // 2).sum())
    every = max(1, -(-total // _MOST_PAIRS))
    taken = answers.task % every == 0
    places = np.flatnonzero(taken if weights is None else taken & (weights > 0))
    chunk = max(1, _AT_ONCE // (labels * labels))
    for apart in range(1, int(per_task.max(initial=1))):
        left, right = places[:-apart], places[apart:]
        same = answers.task[left] == answers.task[right]
        if not same.any():
            break
        left, right = left[same], right[same]
        for start in range(0, len(left), chunk):
            yield left[start : start + chunk], right[start : start + chunk]


def _added(keys: Ints, sums: Floats) -> tuple[Ints, Floats]:
    unique, back = np.unique(keys, return_inverse=True)
    return unique, np.stack([np.bincount(back, row, len(unique)) for row in sums])
