"""Saying how sure a consensus is: the model's odds, tempered until they predict answers they have not seen.

A Dawid-Skene posterior takes people for independent given what is right; they are not, because a case hard for one is hard
for all. One temperature (Guo et al., ICML 2017) repairs most of it. Without gold it is fitted on held-out answers: each
answer is predicted from the posterior that the others leave, and by the one-standard-error rule (Breiman et al. 1984; two
here) the most careful temperature that does as well as the best is taken. Gold, where there is any, moves it further.
"""

from dataclasses import dataclass

import numpy as np

from corrections.rules.crowd.answers import Answers, Floats, Ints
from corrections.rules.crowd.reliability import COIN, GOLD_COUNTS, PRIOR, Fit, log_given, pooled, softmax

_GRID = np.geomspace(0.03, 1.2, 25)
_GOLD_GRID = np.geomspace(0.03, 1.5, 40)
_CAREFUL = 2.0  # standard errors
_SPREAD = 0.5  # how far, in log temperature, gold usually lies from what held-out answers say

# Held-out answers are scored for this many answers at most; the temperature needs no more.
_ENOUGH_ANSWERS = 60_000


@dataclass(frozen=True, slots=True)
class Scores:
    """What the answers say per task and label before anything is known of the classes, as sums of logarithms."""

    per_task: Floats
    per_answer: Floats


def scores(answers: Answers, fitted: Fit, weights: Floats | None) -> Scores:
    """Return what each answer says, with a prior on each person, and its weighted sum per task."""
    given = log_given(fitted.counts, fitted.shape, least_prior=PRIOR)
    return Scores(answers.matrix(weights) @ given, given)


def tempered(said: Scores, fitted: Fit, temperature: float) -> Floats:
    """Return tasks × labels: probabilities whose confidence is meant to be shown."""
    probable, _ = softmax(temperature * said.per_task + np.log(fitted.classes))
    return probable


def by_answers(answers: Answers, fitted: Fit, said: Scores, weights: Floats | None) -> float:
    """Return the temperature that predicts held-out answers, on the careful side."""
    chosen = _sample(answers, weights)
    task, worker, label = answers.task[chosen], answers.worker[chosen], answers.label[chosen]
    labels = answers.size[2]
    cube = fitted.counts.reshape(-1, labels, labels)
    own = fitted.posterior[task]
    base = pooled(cube)[label]
    # What this person would answer, learned from everything but this answer.
    predicts = np.maximum(cube[worker, label] - own, 0) + PRIOR * base
    predicts /= np.maximum(cube.sum(axis=1)[worker] - own, 0) + PRIOR
    part = said.per_answer[answers.cell[chosen]]
    others = said.per_task[task] - (part if weights is None else part * weights[chosen][:, None])
    log_classes = np.log(fitted.classes)
    gains = np.empty((len(_GRID), len(task)))
    for place, temperature in enumerate(_GRID):
        probable, _ = softmax(temperature * others + log_classes)
        gains[place] = np.log(np.maximum((probable * predicts).sum(axis=1), 1e-300))
    best = gains[int(gains.sum(axis=1).argmax())]
    _, of_task = np.unique(task, return_inverse=True)
    for temperature, gain in zip(_GRID, gains, strict=True):
        lost = np.bincount(of_task, best - gain)
        if lost.sum() <= _CAREFUL * float(lost.std()) * np.sqrt(len(lost)) + 1e-9:
            return float(temperature)
    return 1.0


@dataclass(frozen=True, slots=True)
class OnGold:
    """How a model does on tasks of known label that it must call without their labels: temperature, loss per task."""

    temperature: float
    losses: Floats


def by_gold(answers: Answers, fitted: Fit, weights: Floats | None, start: float) -> OnGold:
    """Return the temperature for which tasks of known label are called best, drawn towards `start`."""
    known = np.flatnonzero(answers.gold >= 0)
    unseen = _without_own(answers, fitted, weights)[known]
    truth = answers.gold[known]
    log_classes = np.log(fitted.classes)
    best, result = np.inf, OnGold(start, np.zeros(0))
    for temperature in _GOLD_GRID:
        probable, _ = softmax(temperature * unseen + log_classes)
        losses = -np.log(probable[np.arange(len(truth)), truth] + 1e-9)
        total = float(losses.sum()) + (np.log(temperature / start) / _SPREAD) ** 2 / 2
        if total < best:
            best, result = total, OnGold(float(temperature), losses)
    return result


def _without_own(answers: Answers, fitted: Fit, weights: Floats | None) -> Floats:
    """Return the scores of tasks of known label when people's records lack what that very task taught about them."""
    tasks, _, labels = answers.size
    on_gold = np.flatnonzero(answers.gold[answers.task] >= 0)
    task, worker, label = answers.task[on_gold], answers.worker[on_gold], answers.label[on_gold]
    truth = answers.gold[task]
    cube = fitted.counts.reshape(-1, labels, labels)
    if fitted.shape == COIN:
        says = _coin_without(cube, worker, label, truth, labels)
    else:
        own = GOLD_COUNTS * np.eye(labels)[truth]
        prior = PRIOR if fitted.shape != "full matrices" else 1.0
        says = np.log(
            (np.maximum(cube[worker, label] - own, 0) + prior * pooled(cube)[label])
            / (np.maximum(cube.sum(axis=1)[worker] - own, 0) + prior)
        )
    if weights is not None:
        says = says * weights[on_gold][:, None]
    sums = np.empty((tasks, labels))
    for place in range(labels):
        sums[:, place] = np.bincount(task, says[:, place], tasks)
    return sums


def _coin_without(cube: Floats, worker: Ints, label: Ints, truth: Ints, labels: int) -> Floats:
    hit, total = np.einsum("wkk->w", cube), cube.sum(axis=(1, 2))
    everybody = hit.sum() / max(total.sum(), 1e-9)
    right = hit[worker] - GOLD_COUNTS * (label == truth) + PRIOR * everybody
    accuracy = np.clip(right / (total[worker] - GOLD_COUNTS + PRIOR), 1e-6, 1 - 1e-6)
    says = np.repeat(np.log((1 - accuracy) / max(labels - 1, 1))[:, None], labels, axis=1)
    says[np.arange(len(label)), label] = np.log(accuracy)
    return says


def _sample(answers: Answers, weights: Floats | None) -> Ints:
    every = max(1, -(-len(answers.task) // _ENOUGH_ANSWERS))
    taken = answers.task % every == 0
    return np.flatnonzero(taken if weights is None else taken & (weights > 0))
