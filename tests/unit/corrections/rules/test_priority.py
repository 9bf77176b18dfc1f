"""What people see first."""

from dataclasses import replace

import pytest

from corrections.rules.priority import USUAL, Weights, parts, total
from corrections.rules.seen import Case
from tests.factories.agents import spec

SPEC = spec()


def case(status="review", confidence=0.6, codes=("low_confidence",), **inputs) -> Case:
    return Case(
        input={"purpose": "car", "amount": 900.0, **inputs},
        output=None,
        confidence=confidence,
        score=None,
        status=status,
        reasons=codes,
        case_ref="",
    )


def rank(*, propensity=1.0, waits=False, weights=USUAL, contract=SPEC, **of) -> int:
    return total(parts(case(**of), contract, propensity=propensity, waits=waits, weights=weights))


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
    heavy = Weights(100, 100, 100, -100, 100, 100)
    assert -100 <= rank(status=status, confidence=confidence, codes=("rule", "other"), weights=heavy) <= 100


def test_priority__agent_waits__gets_its_points():
    weights = replace(USUAL, waiting=15)
    assert rank(waits=True, weights=weights) - rank(waits=False, weights=weights) == 15


@pytest.mark.parametrize(("tier", "points"), [("", 0), ("minimal", 0), ("limited", 10), ("high", 20)])
def test_priority__risk_tier__gets_its_share(tier, points):
    contract = spec(risk_tier=tier) if tier else SPEC
    assert rank(contract=contract, weights=replace(USUAL, risk=20)) - rank() == points


@pytest.mark.parametrize(("amount", "points"), [(0.0, 0), (2500.0, 10), (10_000.0, 40), (90_000.0, 40), (-5.0, 0)])
def test_priority__value__rises_evenly_until_it_is_full(amount, points):
    weights = replace(USUAL, value=40, value_of="input.amount", value_full=10_000.0)
    assert rank(amount=amount, weights=weights) - rank() == points


@pytest.mark.parametrize("figure", ["input.savings", "input.income", "input.amount / 0.0 - input.amount / 0.0"])
def test_priority__value_that_cannot_be_told__counts_in_full(figure):
    weights = replace(USUAL, value=40, value_of=figure, value_full=10_000.0)
    assert rank(weights=weights) - rank() == 40


def test_parts__value_that_cannot_be_told__says_why():
    weights = replace(USUAL, value=40, value_of="input.income", value_full=1.0)
    found = parts(case(), SPEC, propensity=1.0, waits=False, weights=weights)
    assert "input.income" in next(part.fault for part in found if part.name == "value")
