"""The posterior of the one-coin model, against sums done by hand and by enumeration."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrections.rules.confidence import REVIEWER_ACCURACY, SENIOR_ACCURACY, posterior

accuracies = st.lists(st.floats(0.06, 0.98), max_size=4)


def test_posterior__one_reviewer_two_classes__is_their_accuracy():
    assert posterior(supporting=[0.85], opposing=[], classes=2) == pytest.approx(0.85)


def test_posterior__two_agree__is_higher_than_one():
    expected = 0.85**2 / (0.85**2 + 0.15**2)
    assert posterior(supporting=[0.85, 0.85], opposing=[], classes=2) == pytest.approx(expected)


def test_posterior__one_against_one_of_equal_accuracy__is_even():
    assert posterior(supporting=[0.85], opposing=[0.85], classes=2) == pytest.approx(0.5)


def test_posterior__nobody__is_the_flat_prior():
    assert posterior(supporting=[], opposing=[], classes=4) == pytest.approx(0.25)


def test_posterior__senior_with_one_of_two_reviewers__is_the_seniors_accuracy():
    assert posterior(
        supporting=[SENIOR_ACCURACY, REVIEWER_ACCURACY], opposing=[REVIEWER_ACCURACY], classes=2
    ) == pytest.approx(SENIOR_ACCURACY)


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_posterior__certain_people__are_not_believed_without_limit(accuracy):
    assert 0 < posterior(supporting=[accuracy], opposing=[0.5], classes=2) < 1


@given(supporting=accuracies, opposing=accuracies, classes=st.integers(2, 6))
def test_posterior__any_votes__equals_bayes_by_enumeration(supporting, opposing, classes):
    votes = [(0, one) for one in supporting] + [(1, one) for one in opposing]
    weight = [
        math.prod(one if label == true else (1 - one) / (classes - 1) for label, one in votes)
        for true in range(classes)
    ]
    assert posterior(supporting=supporting, opposing=opposing, classes=classes) == pytest.approx(
        weight[0] / sum(weight), rel=1e-9
    )


def test_posterior__more_support__never_lowers_it():
    values = [posterior(supporting=[0.85] * n, opposing=[0.85], classes=3) for n in range(5)]
    assert all(one < two for one, two in itertools.pairwise(values))
