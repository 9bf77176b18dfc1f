"""Figures from samples."""

import pytest

from tests.perf import arithmetic


def test_percentile__hundred_samples__takes_the_nearest_rank() -> None:
    samples = [float(number) for number in range(100, 0, -1)]
    assert arithmetic.percentile(samples, 0.95) == 95
    assert arithmetic.percentile(samples, 0.5) == 50
    assert arithmetic.percentile(samples, 0) == 1
    assert arithmetic.percentile(samples, 1) == 100


@pytest.mark.parametrize(("samples", "share"), [([], 0.5), ([1.0], 1.1), ([1.0], -0.1)])
def test_percentile__nothing_to_take__says_so(samples: list[float], share: float) -> None:
    with pytest.raises(ValueError, match=r"no samples|not between"):
        arithmetic.percentile(samples, share)


def test_median__odd_and_even__is_the_middle() -> None:
    assert arithmetic.median([3.0, 1.0, 2.0]) == 2
    assert arithmetic.median([4.0, 1.0, 3.0, 2.0]) == 2.5
    with pytest.raises(ValueError, match="no samples"):
        arithmetic.median([])


def test_ratio__machine_slows_down__stays() -> None:
    assert arithmetic.ratio([2.0, 4.0, 8.0], [1.0, 2.0, 4.0]) == 2


@pytest.mark.parametrize(("subject", "base"), [([1.0], []), ([], []), ([1.0], [0.0])])
def test_ratio__rounds_that_do_not_fit__says_so(subject: list[float], base: list[float]) -> None:
    with pytest.raises(ValueError, match=r"paired|zero"):
        arithmetic.ratio(subject, base)


@pytest.mark.parametrize(("value", "tidied"), [(0.0, 0.0), (0.123456, 0.123), (12.345, 12.3), (4421.4, 4421.0)])
def test_tidy__figure__three_digits(value: float, tidied: float) -> None:
    assert arithmetic.tidy(value) == tidied
