"""Confidence that is true, and a threshold whose bound holds."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from policies.learning import calibrate
from policies.learning.learned import Prediction


def _unseen(n, truth_factor, seed=1):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, n)
    hits = rng.random(n) < 1 / (1 + np.exp(-truth_factor * logits))
    return [Prediction(str(at), float(x), bool(hit), 1.0) for at, (x, hit) in enumerate(zip(logits, hits, strict=True))]


def test_scale__boastful_scores__are_toned_down():
    assert calibrate.scale(_unseen(4000, truth_factor=0.7)) == pytest.approx(0.7, abs=0.06)


def test_scale__nothing_to_learn_from__changes_nothing():
    assert calibrate.scale([]) == 1.0


def test_scaled__factor__multiplies_every_point_and_keeps_the_sum():
    model = {
        "intercept": 1.0,
        "features": [
            {"type": "numeric", "edges": [1.0], "points": [-1.0, 0.5], "missing": 0.0},
            {"type": "categorical", "points": {"a": 2.0}, "other": -0.5, "missing": 0.0},
        ],
    }

    found = calibrate.scaled(model, 0.5)

    assert found["intercept"] == 0.5
    assert found["features"][0]["points"] == [-0.5, 0.25]
    assert (found["features"][1]["points"], found["features"][1]["other"]) == ({"a": 1.0}, -0.25)
    assert model["intercept"] == 1.0


@pytest.mark.parametrize(("k", "n", "p"), [(0, 10, 0.1), (3, 50, 0.05), (40, 300, 0.15), (300, 300, 0.5)])
def test_binomial_cdf__against_scipy__equal(k, n, p):
    assert calibrate.binomial_cdf(k, n, p) == pytest.approx(float(scipy_stats.binom.cdf(k, n, p)), rel=1e-9)


def test_certified_threshold__bound__holds_in_at_least_95_of_100_samples():
    truth = _unseen(20000, 1.0, seed=99)
    confidence = np.array([1 / (1 + math.exp(-abs(item.logit))) for item in truth])
    wrong = np.array([(item.logit >= 0) != item.positive for item in truth])

    broken = 0
    for seed in range(100):
        found = calibrate.certified_threshold(_unseen(600, 1.0, seed), factor=1.0, limit=0.1)
        if found is not None:
            broken += wrong[confidence >= found.below].mean() > 0.1

    assert broken <= 5


def test_certified_threshold__hopeless_scores__certifies_nothing():
    coin = [Prediction(str(at), 3.0, at % 2 == 0, 1.0) for at in range(200)]

    assert calibrate.certified_threshold(coin, factor=1.0, limit=0.2) is None


def test_certified_threshold__too_few_cases__certifies_nothing():
    assert calibrate.certified_threshold(_unseen(20, 3.0), factor=1.0, limit=0.3) is None


def test_fixed_threshold__describes_what_it_leaves_alone():
    unseen = [Prediction("a", 3.0, True, 1.0), Prediction("b", -3.0, True, 1.0), Prediction("c", 0.1, True, 1.0)]

    found = calibrate.fixed_threshold(unseen, factor=1.0, below=0.9)

    assert (found.share, found.error, found.certified) == (pytest.approx(2 / 3), 0.5, False)
