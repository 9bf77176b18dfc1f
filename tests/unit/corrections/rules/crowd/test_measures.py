"""Measures against numbers worked out by hand."""

import numpy as np
import pytest

from corrections.rules.crowd import measures


def test_calibration_error__two_bins__is_the_weighted_gap():
    sure = np.array([0.95, 0.95, 0.65, 0.65])
    right = np.array([True, True, True, False])
    assert measures.calibration_error(sure, right) == pytest.approx(0.5 * 0.05 + 0.5 * 0.15)


def test_f1__two_labels__is_of_the_later_one():
    assert measures.f1(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0]), 2) == pytest.approx(0.5)


def test_f1__three_labels__is_the_mean_over_those_that_occur():
    assert measures.f1(np.array([0, 0, 2]), np.array([0, 0, 1]), 3) == pytest.approx(0.5)


def test_quality__a_truth_nobody_named__is_a_miss():
    probable = np.array([[0.97, 0.03], [0.4, 0.6]])
    done = measures.quality(probable, np.array([0, 1]), np.array([0, -1]))
    assert (done.accuracy, done.precision_at_95, done.share_at_95) == (0.5, 1.0, 0.5)
    assert done.log_loss > 10


def test_quality__nothing_to_measure__is_none():
    assert measures.quality(np.zeros((0, 2)), np.zeros(0, int), np.zeros(0, int)) == measures.NOTHING
