"""The contract's own rules."""

from agents.runtime import review
from tests.factories.agents import spec


def test_faults_of__good_contract__has_none() -> None:
    assert review.faults_of(spec()) == {}


def test_faults_of__rule_that_does_not_compile__is_named() -> None:
    broken = spec(
        review_rules=[{"id": "A", "when": "input.amount > 5", "action": "review", "text": "x"}],
        escalation_rules=[{"id": "B", "when": "correction.nope == 1", "text": "x"}],
    )
    assert set(review.faults_of(broken)) == {"review_rules[0].when", "escalation_rules[0].when"}


def test_escalations__large_change__needs_a_second_person() -> None:
    met = review.escalations(
        spec(),
        input={"amount": 20_000},
        output={"action": "decline"},
        correction={"action": "approve"},
        confidence=0.6,
        verdict="correct",
    )
    assert [(rule.id, rule.action) for rule in met] == [("X-1", "escalate")]


def test_escalations__agreement__needs_nobody() -> None:
    met = review.escalations(
        spec(), input={"amount": 20_000}, output={"action": "decline"}, correction=None, confidence=0.6, verdict="agree"
    )
    assert met == ()


def test_escalations__rule_that_cannot_be_told__counts_as_met() -> None:
    met = review.escalations(
        spec(),
        input={},
        output={"action": "decline"},
        correction={"action": "approve"},
        confidence=None,
        verdict="correct",
    )
    assert met[0].error


def test_escalations__by_verdict() -> None:
    contract = spec(escalation_rules=[{"id": "V", "when": "verdict == 'cannot_tell'", "text": "Nobody can tell."}])
    assert review.escalations(contract, input={}, output=None, correction=None, confidence=None, verdict="cannot_tell")
