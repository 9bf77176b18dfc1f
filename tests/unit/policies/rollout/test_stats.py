"""Statistics that survive being looked at."""

import math

import numpy as np
import pytest

from policies.rollout import stats


def test_boundary_ratio__published_value():
    assert stats.boundary_ratio(0.05, 5000) == pytest.approx(0.03984007, abs=1e-8)


def test_half_width__published_value():
    assert stats.half_width(2000, alpha=0.05, planned=5000) == pytest.approx(0.06984982, abs=1e-8)


def test_evidence__no_disagreement__none():
    assert stats.evidence(0, 0) == 1.0


def test_evidence__only_the_canary_errs__beyond_doubt_soon():
    assert stats.evidence(5, 0) < 20 <= stats.evidence(12, 0)


def test_evidence__huge_counts__stays_a_number():
    assert stats.evidence(5000, 0) == math.inf
    assert stats.evidence(0, 5000) >= 0


def test_evidence__no_difference_looked_at_after_every_pair__false_alarms_below_5_percent():
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(400):
        steps = rng.choice([1, -1, 0], size=800, p=[0.08, 0.08, 0.84])
        plus, minus = np.cumsum(steps == 1), np.cumsum(steps == -1)
        changed = np.flatnonzero(steps)
        alarms += any(stats.evidence(int(plus[at]), int(minus[at])) >= 20 for at in changed)

    assert alarms <= 20


def test_evidence__doubled_error__is_found():
    rng = np.random.default_rng(12)
    found = 0
    for _ in range(50):
        steps = rng.choice([1, -1, 0], size=800, p=[0.16, 0.08, 0.76])
        found += stats.evidence(int((steps == 1).sum()), int((steps == -1).sum())) >= 20

    assert found >= 45


def test_evidence_above__at_the_limit__stays_low():
    assert stats.evidence_above([0.0] * 98 + [1.0] * 2, 0.02) < 20


def test_evidence_above__far_above__beyond_doubt():
    assert stats.evidence_above([0.0] * 15 + [1.0] * 15, 0.02) >= 20


def test_band__grows_tighter_and_keeps_the_mean():
    few, many = stats.band([1.0, 0.0, 0.0, 0.0] * 5), stats.band([1.0, 0.0, 0.0, 0.0] * 100)

    assert few[0] == many[0] == 0.25
    assert many[2] - many[1] < few[2] - few[1]


def test_band__nothing_seen__anything_is_possible():
    assert stats.band([]) == (0.0, -1.0, 1.0)


def test_band__all_equal__still_uncertain():
    _, low, high = stats.band([0.0] * 20)

    assert low < 0 < high
