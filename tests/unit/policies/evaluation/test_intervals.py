"""Intervals: known values and behaviour at the edges."""

import math

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


@pytest.mark.parametrize(("n", "quantile"), [(4, 3.182), (10, 2.262), (30, 2.045), (1000, 1.962)])
def test_mean__any_count__is_students_interval(n, quantile):
    found = intervals.mean(5.0, 4.0, n)

    assert found.high - 5.0 == pytest.approx(quantile * math.sqrt(4.0 / n), rel=0.01)
    assert 5.0 - found.low == pytest.approx(found.high - 5.0)


def test_mean__too_few__anything_is_possible():
    assert intervals.mean(5.0, 0.0, 3) == intervals.Estimate(5.0, -math.inf, math.inf, 3)


def test_difference__of_shares__is_newcombes_example():
    """Newcombe 1998, table II, row (a), method 10: 56/70 - 48/80 = 0.2, from 0.0524 to 0.3339."""
    found = intervals.difference(intervals.share(48, 80), intervals.share(56, 70))

    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert found.n == 70


def test_difference__one_side_without_cases__is_open():
    found = intervals.difference(intervals.share(0, 0), intervals.share(5, 10))

    assert found == intervals.Estimate(None, -math.inf, math.inf, 0)
