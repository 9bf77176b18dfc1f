"""What people see first."""

import pytest

from corrections.rules.priority import priority


def rank(status="review", confidence=0.6, propensity=1.0, codes=("low_confidence",)) -> int:
    return priority(status=status, confidence=confidence, propensity=propensity, codes=codes)


def test_priority__order__escalated_then_ruled_then_uncertain_then_sampled():
    order = [
        rank(status="escalate", confidence=0.9, codes=("rule",)),
        rank(confidence=0.9, codes=("rule",)),
        rank(confidence=0.55),
        rank(confidence=0.69),
        rank(confidence=0.95, propensity=0.05, codes=("sampled",)),
    ]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)


def test_priority__less_confident__comes_first():
    assert rank(confidence=0.5) > rank(confidence=0.6) > rank(confidence=0.7)


def test_priority__flagged_for_cause_and_sampled__is_not_put_last():
    assert rank(propensity=0.05, codes=("low_confidence", "sampled")) == rank()


@pytest.mark.parametrize("confidence", [-3.0, 0.0, 1.0, 7.0])
@pytest.mark.parametrize("status", ["review", "escalate"])
def test_priority__any_input__stays_within_its_bounds(status, confidence):
    assert -100 <= rank(status=status, confidence=confidence, codes=("rule", "other")) <= 100
