"""How often each person says what when what is right: the model of Dawid and Skene (1979), fitted by EM.

Three shapes of one model. `FULL`: a confusion matrix per person by maximum likelihood. `POOLED`: the same with a prior
worth four answers per class, whose mean is everybody's matrix together (the idea of "learning from crowds", Raykar et
al. 2010, with an empirical prior). `COIN`: one accuracy per person, for answers too few to fill a matrix.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from corrections.rules.crowd.answers import Answers, Flags, Floats, votes

FULL, POOLED, COIN = "full matrices", "pooled matrices", "one accuracy each"

PRIOR = 4.0  # answers per person and class that the prior is worth
GOLD_COUNTS = 5.0  # a task of known label teaches as much about its people as five settled by them
_ROUNDS = 100
_ENOUGH = 1e-5  # gain in log likelihood per answer below which another round is not worth it
_LEAST = 1e-10


@dataclass(frozen=True, slots=True)
class Fit:
    """What EM ended with.

    `posterior` is tasks × labels. `counts` is (workers · labels) × labels: how often each worker gave a label (row)
    when another or the same was right (column). `classes` is how often each label is right.
    """

    shape: str
    posterior: Floats
    counts: Floats
    classes: Floats
    rounds: int


def fit(answers: Answers, shape: str, *, weights: Floats | None = None) -> Fit:
    """Fit one shape of the model; `weights` say how much each answer counts towards its task.

    Tasks of known label hold theirs, and where there are any, they and not the majority give the first idea of who is
    reliable: a majority of liars cannot start the model. Deterministic.
    """
    said = answers.matrix(weights)
    # A voice that is shared still teaches in full who its speaker is; one that does not count teaches nothing.
    heard = None if weights is None else (weights > 0).astype(np.float64)
    by_person = answers.matrix(heard).T.tocsr()
    known = answers.gold >= 0
    posterior, learn = _start(answers, shape, said, by_person, weights, known)
    early = shape == FULL and not known.any()
    voices = np.asarray(said.sum(axis=1)).ravel()
    enough = _ENOUGH * max(float(voices.sum()), 1.0)
    before, rounds = -np.inf, 0
    while rounds < _ROUNDS:
        taught = posterior * learn
        counts = by_person @ taught
        classes = np.maximum(taught.sum(axis=0), _LEAST)
        classes /= classes.sum()
        says = said @ log_given(counts, shape)
        reached = _early(posterior, says, classes, voices) if early else -np.inf
        if early and rounds and reached - before < enough:
            break
        posterior, likelihood = softmax(says + np.log(classes))
        _hold(posterior, answers, known)
        rounds += 1
        if not early and likelihood - before < enough:
            break
        before = (reached if rounds > 1 else -np.inf) if early else likelihood
    return Fit(shape, posterior, counts, classes, rounds)


def _early(posterior: Floats, says: Floats, classes: Floats, voices: Floats) -> float:
    """Return the bound on the likelihood that counts the classes once per answer, as crowd-kit's DawidSkene does.

    It stops gaining as soon as the shares of the classes begin to run away, which with few cases is before the
    likelihood does: maximum likelihood without a prior is better stopped there.
    """
    log_classes = np.log(classes)
    entropy = -float((posterior * np.log(np.maximum(posterior, _LEAST))).sum())
    return float((posterior * says).sum() + (voices * (posterior @ log_classes)).sum()) + entropy


def log_given(counts: Floats, shape: str, *, least_prior: float = 0.0) -> Floats:
    """Return log P(label given | label right) per worker, shaped like `counts`.

    `least_prior` makes maximum likelihood take a prior too: right for saying how sure something is, not for choosing.
    """
    labels = counts.shape[1]
    cube = counts.reshape(-1, labels, labels)
    if shape == COIN:
        accuracy = _accuracies(cube)
        given = np.repeat(((1 - accuracy) / max(labels - 1, 1))[:, None], labels * labels, axis=1)
        given = given.reshape(-1, labels, labels)
        given[:, np.arange(labels), np.arange(labels)] = accuracy[:, None]
        coin: Floats = np.log(given).reshape(counts.shape)
        return coin
    prior = max(PRIOR if shape == POOLED else 0.0, least_prior)
    filled = cube + prior * pooled(cube) if prior else np.maximum(cube, _LEAST)
    matrices: Floats = np.log(filled / filled.sum(axis=1, keepdims=True)).reshape(counts.shape)
    return matrices


def pooled(cube: Floats) -> Floats:
    """Return the confusion matrix of everybody together, each column summing to one."""
    labels = cube.shape[2]
    together = cube.sum(axis=0) + 1 / labels
    shares: Floats = together / together.sum(axis=0, keepdims=True)
    return shares


def accuracies(counts: Floats) -> Floats:
    """Return per worker how often they are right, drawn towards everybody's share by the prior."""
    labels = counts.shape[1]
    return _accuracies(counts.reshape(-1, labels, labels))


def softmax(scores: Floats) -> tuple[Floats, float]:
    """Return each row as probabilities, and the sum of the rows' log normalisers."""
    highest = scores.max(axis=1, keepdims=True)
    raised = np.exp(scores - highest)
    total = raised.sum(axis=1, keepdims=True)
    raised /= total
    return raised, float(highest.sum() + np.log(total).sum())


def _accuracies(cube: Floats) -> Floats:
    hit = np.einsum("wkk->w", cube)
    total = cube.sum(axis=(1, 2))
    everybody = hit.sum() / max(total.sum(), _LEAST)
    shares: Floats = np.clip((hit + PRIOR * everybody) / (total + PRIOR), 1e-6, 1 - 1e-6)
    return shares


def _start(
    answers: Answers,
    shape: str,
    said: sparse.csr_matrix,
    by_person: sparse.csr_matrix,
    weights: Floats | None,
    known: Flags,
) -> tuple[Floats, Floats]:
    posterior = votes(answers, weights)
    total = posterior.sum(axis=1, keepdims=True)
    posterior = np.where(total > 0, posterior / np.maximum(total, _LEAST), 1 / posterior.shape[1])
    learn = np.ones((len(posterior), 1))
    if known.any():
        labels = posterior.shape[1]
        exact = np.eye(labels)[answers.gold[known]]
        classes = np.maximum((posterior.mean(axis=0) + exact.mean(axis=0)) / 2, 1e-3)
        counts = by_person[:, np.flatnonzero(known)] @ exact
        first = log_given(counts, shape) if shape == COIN else _first(counts)
        posterior, _ = softmax(said @ first + np.log(classes))
        _hold(posterior, answers, known)
        learn[known] = GOLD_COUNTS
    return posterior, learn


def _first(counts: Floats) -> Floats:
    # Two answers on the diagonal: until gold says otherwise, people are more often right than not.
    labels = counts.shape[1]
    cube = counts.reshape(-1, labels, labels)
    together = cube.sum(axis=0) + 1 / labels + 2 * np.eye(labels)
    filled = cube + PRIOR * together / together.sum(axis=0, keepdims=True)
    matrices: Floats = np.log(filled / filled.sum(axis=1, keepdims=True)).reshape(counts.shape)
    return matrices


def _hold(posterior: Floats, answers: Answers, known: Flags) -> None:
    if known.any():
        posterior[known] = np.eye(posterior.shape[1])[answers.gold[known]]
