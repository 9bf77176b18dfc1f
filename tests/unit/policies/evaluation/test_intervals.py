"""Intervals: known values and behaviour at the edges."""

import pytest

from policies.evaluation import intervals


def test_share__known_example__wilson():
    found = intervals.share(81, 263)

    assert (found.low, found.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))


def test_share__no_hits__starts_at_zero_and_stays_uncertain():
    found = intervals.share(0, 30)

    assert found.low == 0.0
    assert 0.1 < found.high < 0.12


def test_share__no_cases__anything_is_possible():
    assert intervals.share(0, 0) == intervals.Estimate(None, 0.0, 1.0, 0)


def test_paired_difference__balanced__centred_on_zero():
    found = intervals.paired_difference(8, 8, 150)

    assert found.value == 0.0
    assert found.low == pytest.approx(-found.high)


def test_paired_difference__covers_the_truth_in_about_95_of_100():
    import numpy as np

    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(1000):
        plus, minus, _ = rng.multinomial(150, [0.08, 0.05, 0.87])
        found = intervals.paired_difference(int(plus), int(minus), 150)
        covered += found.low <= 0.03 <= found.high

    assert covered >= 935


def test_gap__surer_than_right__positive():
    found = intervals.gap(0.9, 70, 100)

    assert found.value == pytest.approx(0.2)
    assert found.low < 0.2 < found.high
