"""The fit finds who is reliable, and agrees with EM written out by hand."""

import numpy as np
import pytest

from corrections.rules.crowd import answers, reliability
from corrections.rules.crowd.reliability import COIN, FULL, POOLED
from tests.unit.corrections.rules.crowd import scene


def by_hand(rows, rounds):
    """Dawid and Skene (1979), equations 2.3 to 2.5, with dictionaries."""
    tasks, workers = sorted({row[0] for row in rows}), sorted({row[1] for row in rows})
    labels = sorted({row[2] for row in rows})
    said = {task: [(worker, label) for at, worker, label in rows if at == task] for task in tasks}
    posterior = {
        task: {label: sum(given == label for _, given in said[task]) / len(said[task]) for label in labels}
        for task in tasks
    }
    for _ in range(rounds):
        share = {label: sum(posterior[task][label] for task in tasks) / len(tasks) for label in labels}
        matrix = {}
        for worker in workers:
            for right in labels:
                counts = dict.fromkeys(labels, 1e-10)
                for task in tasks:
                    for who, label in said[task]:
                        if who == worker:
                            counts[label] += posterior[task][right]
                total = sum(counts.values())
                for label in labels:
                    matrix[worker, right, label] = counts[label] / total
        for task in tasks:
            scores = {
                right: share[right] * np.prod([matrix[worker, right, label] for worker, label in said[task]])
                for right in labels
            }
            total = sum(scores.values())
            posterior[task] = {label: score / total for label, score in scores.items()}
    return np.array([[posterior[task][label] for label in labels] for task in tasks])


def test_fit__full_matrices__is_dawid_and_skene():
    made = scene.crowd(tasks=60, workers=8, voices=4, labels=3)
    fitted = reliability.fit(answers.encode(made.rows), FULL)
    np.testing.assert_allclose(fitted.posterior, by_hand(made.rows, fitted.rounds), atol=1e-6)


@pytest.mark.parametrize("shape", [FULL, POOLED, COIN])
def test_fit__every_shape__beats_the_majority_on_a_mixed_crowd(shape):
    made = scene.crowd(tasks=2000, workers=40, clickers=12)
    coded = answers.encode(made.rows)
    truth = np.array([int(made.truth[task]) for task in coded.codes.tasks])
    fitted = reliability.fit(coded, shape)
    majority = (answers.votes(coded).argmax(axis=1) == truth).mean()
    assert (fitted.posterior.argmax(axis=1) == truth).mean() > majority + 0.02
    accuracy = reliability.accuracies(fitted.counts)
    assert accuracy[:12].max() < accuracy[12:].min()


def test_fit__posterior_and_matrices__are_probabilities():
    coded = answers.encode(scene.crowd(labels=4).rows)
    fitted = reliability.fit(coded, POOLED)
    np.testing.assert_allclose(fitted.posterior.sum(axis=1), 1)
    given = np.exp(reliability.log_given(fitted.counts, POOLED)).reshape(-1, 4, 4)
    np.testing.assert_allclose(given.sum(axis=1), 1)


def test_fit__gold__holds_and_starts_the_model_against_a_lying_majority():
    made = scene.crowd(tasks=1000, workers=30, ring=17, lies=0.9)
    gold = {task: label for number, (task, label) in enumerate(made.truth.items()) if number % 20 == 0}
    coded = answers.encode(made.rows, gold)
    truth = np.array([int(made.truth[task]) for task in coded.codes.tasks])
    right = reliability.fit(coded, POOLED).posterior.argmax(axis=1) == truth
    assert right[coded.gold >= 0].all()
    assert right.mean() > 0.9
    assert (answers.votes(coded).argmax(axis=1) == truth).mean() < 0.6
