"""Measuring policies."""

import pytest

from policies.evaluation import metrics
from policies.evaluation.metrics import Answer


def _answer(at, label, answer, status="auto", confidence=0.8, source="reference", **more):
    return Answer(f"c{at}", source, label, answer, status, confidence, **more)


ANSWERS = [
    _answer(1, "yes", "yes"),
    _answer(2, "no", "yes"),
    _answer(3, "no", "no", status="review", confidence=0.55),
    _answer(4, "yes", "no", status="review", confidence=0.6, source="consensus"),
    _answer(5, "yes", "yes", confidence=1.0, source="consensus"),
]


def test_measure__counts_errors_and_what_is_decided_alone():
    found = metrics.measure(ANSWERS)

    assert (found.n, found.error.value) == (5, 0.4)
    assert (found.automated.value, found.automated_error.value) == (0.6, pytest.approx(1 / 3))
    assert (found.people_agree.value, found.people_agree.n) == (0.5, 2)
    assert found.confusion == (("no", "no", 1), ("no", "yes", 1), ("yes", "no", 1), ("yes", "yes", 2))


def test_measure__fault__is_wrong_even_when_the_answer_fits():
    found = metrics.measure([_answer(1, "yes", "yes", fault="error in R-001")])

    assert (found.faults, found.error.value) == (1, 1.0)


def test_measure__calibration__groups_by_stated_confidence():
    found = metrics.measure(ANSWERS)

    assert [(group.low, group.n) for group in found.calibration] == [(0.5, 1), (0.6, 1), (0.8, 2), (0.9, 1)]
    assert found.calibration[-1].stated == 1.0


def test_measure__no_stated_confidence__no_gap():
    assert metrics.measure([_answer(1, "yes", "yes", confidence=None)]).confidence_gap.value is None


def test_compare__same_cases__counts_broken_and_mended():
    after = [_answer(1, "yes", "no"), _answer(2, "no", "no"), *ANSWERS[2:]]

    found = metrics.compare(ANSWERS, after)

    assert (found.broken.value, found.mended, found.error_change.value) == (0.2, 1, 0.0)
    assert ("yes", "no", 2) in found.changed


def test_compare__other_cases__refused():
    with pytest.raises(ValueError, match="same cases"):
        metrics.compare(ANSWERS, ANSWERS[:3])


def test_segments__groups_by_field_and_value():
    answers = [
        _answer(1, "yes", "yes", segments=(("purpose", "car"),)),
        _answer(2, "no", "no", segments=(("purpose", "tv"),)),
    ]

    assert list(metrics.segments(answers)) == [("purpose", "car"), ("purpose", "tv")]
