"""Where a flagged decision goes: the first rule that holds, and what happens when one cannot be told."""

from dataclasses import replace
from uuid import uuid4

import pytest

from corrections.rules.routing import Choice, Line, choose, tells
from corrections.rules.seen import Case, RuleFault, check, names
from tests.factories.agents import spec

LARGE, CARS = uuid4(), uuid4()
SPEC = spec()
CASE = Case(
    input={"purpose": "car", "duration": 24, "amount": 900.0},
    output={"action": "approve"},
    confidence=0.6,
    score=None,
    status="review",
    reasons=["low_confidence"],
    case_ref="A-1",
)
LINES = [Line("Large", "input.amount > 5000.0", LARGE), Line("Cars", 'input.purpose == "car"', CARS)]


def test_choose__several_hold__the_first_names_the_queue():
    large = replace(CASE, input={**CASE.input, "amount": 9000.0})
    assert choose(LINES, SPEC, large) == Choice(LARGE, "Large")
    assert choose(LINES[::-1], SPEC, large) == Choice(CARS, "Cars")


def test_choose__none_holds__names_no_queue_and_no_fault():
    assert choose(LINES, SPEC, replace(CASE, input={"purpose": "boat", "amount": 1.0})) == Choice(None)
    assert choose([], SPEC, CASE) == Choice(None)


def test_choose__rule_cannot_be_told__ends_the_search_and_says_why():
    choice = choose(LINES, SPEC, replace(CASE, input={"purpose": "car"}))
    assert choice.queue is None
    assert choice.name == "Large"
    assert "input.amount" in choice.fault


def test_choose__rule_asks_whether_a_field_is_there__goes_on():
    asking = [Line("Large", "has(input.amount) && input.amount > 5000.0", LARGE), LINES[1]]
    assert choose(asking, SPEC, replace(CASE, input={"purpose": "car"})) == Choice(CARS, "Cars")


def test_choose__rule_of_another_contract__is_a_fault_not_a_no():
    choice = choose([Line("Old", "input.income > 1.0", LARGE), LINES[1]], SPEC, CASE)
    assert (choice.queue, choice.name) == (None, "Old")
    assert "input.income" in choice.fault


@pytest.mark.parametrize(
    ("when", "held"),
    [
        ('status == "review"', True),
        ('"low_confidence" in reasons', True),
        ('"sampled" in reasons', False),
        ("confidence < 0.7", True),
        ('risk_tier == ""', True),
        ("contract_version == 1", True),
        ('case_ref.startsWith("A-")', True),
        ("has(output.action)", True),
    ],
)
def test_choose__every_name__can_be_asked(when: str, held: bool):
    assert (choose([Line("One", when, LARGE)], SPEC, CASE).queue == LARGE) is held


@pytest.mark.parametrize("when", ["input.nobody > 1", "input.amount", "1 +", "input.amount > 'a'"])
def test_check__what_is_no_condition__is_a_fault(when: str):
    with pytest.raises(RuleFault):
        check(when, SPEC)


def test_names__contract__lists_its_fields():
    assert {"input.amount", "status", "reasons", "risk_tier"} <= set(names(SPEC))


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("output.action == 'approve'", True),
        ("confidence < 0.6", True),
        ('"low_confidence" in reasons', True),
        ("input.amount > 5.0", False),
        ("input.purpose == 'car' && risk_tier == 'high'", False),
    ],
)
def test_tells__condition_that_reads_the_answer__does(when: str, told: bool):
    assert tells(when) is told
