"""Who may be working against the consensus, each signal by itself: a sum would hide the one that speaks.

A signal is a deviation in standard units, with a limit of its own; being listed says that somebody should look, never
that somebody is guilty.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from corrections.rules.crowd.answers import Answers, Floats, Ints
from corrections.rules.crowd.calibration import Scores
from corrections.rules.crowd.reliability import Fit, softmax

DISAGREES, GOLD, RING, SEGMENT = "disagrees", "gold", "ring", "segment"

# One honest person in some hundreds goes beyond these; a list that cries wolf is not read.
LIMITS = {DISAGREES: 2.5, GOLD: 2.3, RING: 3.5, SEGMENT: 2.5}
_LEAST_ANSWERS = 8
_ACCEPTABLE_ON_GOLD = 0.6


@dataclass(frozen=True, slots=True)
class Reason:
    """One signal beyond its limit: its name, how far (standard deviations) and in words."""

    signal: str
    deviation: float
    words: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """A person to look at: the strongest deviation over its limit, 1 or more, and every reason."""

    worker: str
    score: float
    reasons: tuple[Reason, ...]


def disagreement(answers: Answers, fitted: Fit, said: Scores, weights: Floats | None, temperature: float) -> Floats:
    """Return per answer the probability that it is wrong, by the consensus of the others."""
    part = said.per_answer[answers.cell]
    if weights is not None:
        part = part * weights[:, None]
    others, _ = softmax(temperature * (said.per_task[answers.task] - part) + np.log(fitted.classes))
    wrong: Floats = 1 - others[np.arange(len(answers.task)), answers.label]
    return wrong


def disagrees(answers: Answers, wrong: Floats) -> Floats:
    """Return per worker how far their disagreement lies above the others', in standard deviations.

    Each answer is compared with what is usual on its task, and each worker with the spread of all (median and median
    deviation, which a minority cannot move) plus the chance in their own few answers.
    """
    tasks, workers, _ = answers.size
    per_task = np.bincount(answers.task, wrong, tasks)
    voices = np.bincount(answers.task, minlength=tasks)
    usual = float(wrong.mean())
    alone = voices[answers.task] < 2
    # Three imaginary ordinary answers steady tasks with few.
    others = (per_task[answers.task] - wrong + 3 * usual) / (voices[answers.task] - 1 + 3)
    gap = np.where(alone, 0.0, wrong - others)
    count = np.bincount(answers.worker, minlength=workers)
    mean = np.bincount(answers.worker, gap, workers) / np.maximum(count, 1)
    chance = np.bincount(answers.worker, wrong * (1 - wrong) + 0.01, workers) / np.maximum(count, 1) ** 2
    enough = count >= _LEAST_ANSWERS
    if enough.sum() < 4:
        return np.zeros(workers)
    middle = float(np.median(mean[enough]))
    spread = 1.4826 * float(np.median(np.abs(mean[enough] - middle)))
    return np.where(enough, (mean - middle) / np.sqrt(spread**2 + chance), 0.0)


def gold_failures(answers: Answers) -> tuple[Floats, Ints, Ints]:
    """Return per worker a deviation for "right less than 60 % of the time" on gold, and gold answers right and in all.

    The tail of Beta(1 + right, 1 + wrong) by its normal approximation on the arcsine scale.
    """
    workers = answers.size[1]
    on_gold = answers.gold[answers.task] >= 0
    worker = answers.worker[on_gold]
    right = np.bincount(worker[answers.label[on_gold] == answers.gold[answers.task[on_gold]]], minlength=workers)
    total = np.bincount(worker, minlength=workers)
    share = (right + 1) / (total + 2)
    gap = np.arcsin(np.sqrt(_ACCEPTABLE_ON_GOLD)) - np.arcsin(np.sqrt(share))
    return np.where(total > 0, 2 * gap * np.sqrt(total + 2), 0.0), right, total


def concentrated(answers: Answers, wrong: Floats, segment: Ints) -> tuple[Floats, Ints]:
    """Return per worker how far their disagreements pile up on one answer in one segment, and that segment.

    `segment` holds one number per task, -1 for none. What a person disagrees elsewhere, and how much everybody does with
    this answer in this segment, is taken off; the deviation is corrected for having looked at every answer of every
    segment.
    """
    workers, labels = answers.size[1:]
    segments = int(segment.max(initial=-1)) + 1
    of_answer = segment[answers.task]
    placed = of_answer >= 0
    if segments < 2 or not placed.any():
        return np.zeros(workers), np.full(workers, -1, dtype=np.int64)
    place = answers.worker[placed] * segments + of_answer[placed]
    seen = np.bincount(place, minlength=workers * segments).reshape(workers, segments, 1).astype(np.float64)
    cells = place * labels + answers.label[placed]
    missed = np.bincount(cells, wrong[placed], workers * segments * labels).reshape(workers, segments, labels)
    usual = missed.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    by_rate = seen * usual  # what an ordinary person would miss here
    # A person's rate elsewhere, so that an attack does not excuse itself; two ordinary misses steady it.
    other_missed = missed.sum(axis=(1, 2), keepdims=True) - missed.sum(axis=2, keepdims=True) + 2
    other_usual = by_rate.sum(axis=(1, 2), keepdims=True) - by_rate.sum(axis=2, keepdims=True) + 2
    expected = np.minimum(by_rate * other_missed / other_usual, seen)
    deviation = (missed - expected) / np.sqrt(expected * (1 - expected / np.maximum(seen, 1)) + 0.5)
    deviation = np.where(seen >= _LEAST_ANSWERS, deviation, 0.0).reshape(workers, segments * labels)
    worst = deviation.argmax(axis=1)
    return _corrected(deviation[np.arange(workers), worst], segments * labels), (worst // labels).astype(np.int64)


def _corrected(deviation: Floats, looks: int) -> Floats:
    normal = NormalDist()
    tails = [max(1e-15, 1 - normal.cdf(float(one))) for one in deviation]
    return np.array([normal.inv_cdf(1 - min(1 - 1e-9, max(1e-15, tail * looks))) for tail in tails])
