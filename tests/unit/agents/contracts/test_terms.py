"""Unknown fields, capacity for review and risks as members of a contract."""

from datetime import date
from typing import Any

import pytest

from agents.contracts.spec import ContractSpec, SpecError
from tests.factories.agents import contract_body, spec

RISK = {
    "id": "H-1",
    "hazard": "Loans nobody can pay back",
    "control": "Large loans are seen by a person",
    "residual": "medium",
    "owner": "Credit risk",
    "next_review": "2027-01-31",
}


def faults(**changes: Any) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        ContractSpec.parse(contract_body(**changes))
    return caught.value.faults


def test_digest__members_that_say_what_goes_without_saying__is_the_same() -> None:
    said = spec(unknown_fields="refuse", review_capacity=None, risk_tier="", risks=[])
    assert said.digest == spec().digest


def test_parse__members__are_read() -> None:
    made = spec(
        unknown_fields="drop",
        risk_tier="high",
        risks=[RISK],
        review_capacity={"open_max": 50, "then": "fallback", "output": {"action": "decline"}},
    )
    assert made.drops_unknown
    assert made.capacity is not None
    assert (made.capacity.open_max, made.capacity.then, made.capacity.output) == (50, "fallback", {"action": "decline"})
    assert made.risk_tier == "high"
    assert made.risks[0].next_review == date(2027, 1, 31)
    assert ContractSpec.parse(made.body).digest == made.digest


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"unknown_fields": "ignore"}, "unknown_fields"),
        ({"risk_tier": "huge"}, "risk_tier"),
        ({"review_capacity": 5}, "review_capacity"),
        ({"review_capacity": {"open_max": 0, "then": "refuse"}}, "review_capacity.open_max"),
        ({"review_capacity": {"open_max": True, "then": "refuse"}}, "review_capacity.open_max"),
        ({"review_capacity": {"open_max": 1, "then": "wait"}}, "review_capacity.then"),
        ({"review_capacity": {"open_max": 1, "then": "fallback"}}, "review_capacity.output"),
        (
            {"review_capacity": {"open_max": 1, "then": "refuse", "output": {"action": "decline"}}},
            "review_capacity.output",
        ),
        (
            {"review_capacity": {"open_max": 1, "then": "fallback", "output": {"action": "x"}}},
            "review_capacity.output.action",
        ),
        ({"review_capacity": {"open_max": 1, "then": "refuse", "x": 1}}, "review_capacity.x"),
        ({"risks": {}}, "risks"),
        ({"risks": [1]}, "risks[0]"),
        ({"risks": [{**RISK, "hazard": ""}]}, "risks[0].hazard"),
        ({"risks": [{**RISK, "residual": "some"}]}, "risks[0].residual"),
        ({"risks": [{**RISK, "next_review": "20270131"}]}, "risks[0].next_review"),
        ({"risks": [{**RISK, "next_review": "2027-02-30"}]}, "risks[0].next_review"),
        ({"risks": [RISK, RISK]}, "risks[1].id"),
        ({"risks": [{**RISK, "x": 1}]}, "risks[0].x"),
    ],
)
def test_parse__faulty_member__is_named(changes: dict[str, Any], path: str) -> None:
    assert path in faults(**changes)
