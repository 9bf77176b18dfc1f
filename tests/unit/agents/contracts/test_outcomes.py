"""What a contract says of outcomes and business figures: read, refused by path, silent when absent."""

from typing import Any

import pytest

from agents.contracts.faults import SpecError
from agents.contracts.spec import ContractSpec
from agents.runtime import kpis
from tests.factories.agents import contract_body, spec

OUTCOME: dict[str, Any] = {
    "type": "object",
    "required": ["repaid"],
    "properties": {"repaid": {"type": "boolean"}, "loss": {"type": "number", "default": 0.0}},
}
LOSS: dict[str, Any] = {"name": "loss", "unit": "EUR", "direction": "down", "value": "outcome.loss"}


def test_parse__outcome_and_figures__are_read() -> None:
    made = spec(outcome_schema=OUTCOME, kpis=[LOSS, {"name": "kept", "direction": "up", "value": "outcome.repaid"}])
    assert made.outcome is not None
    assert made.outcome.validate({"repaid": True}) == []
    assert [(kpi.name, kpi.title, kpi.unit, kpi.direction) for kpi in made.kpis] == [
        ("loss", "Loss", "EUR", "down"),
        ("kept", "Kept", "", "up"),
    ]


def test_parse__neither__leaves_the_digest_alone() -> None:
    made = spec()
    assert (made.outcome, made.outcome_schema, made.kpis) == (None, None, ())
    assert not {"outcome_schema", "kpis"} & set(made.body)


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"outcome_schema": {"type": "array"}}, "outcome_schema"),
        ({"kpis": [LOSS]}, "outcome_schema"),
        ({"outcome_schema": OUTCOME, "kpis": "loss"}, "kpis"),
        ({"outcome_schema": OUTCOME, "kpis": ["loss"]}, "kpis[0]"),
        ({"outcome_schema": OUTCOME, "kpis": [LOSS, LOSS]}, "kpis[1].name"),
        ({"outcome_schema": OUTCOME, "kpis": [{**LOSS, "name": "Loss!"}]}, "kpis[0].name"),
        ({"outcome_schema": OUTCOME, "kpis": [{**LOSS, "direction": "sideways"}]}, "kpis[0].direction"),
        ({"outcome_schema": OUTCOME, "kpis": [{**LOSS, "unit": 7}]}, "kpis[0].unit"),
        ({"outcome_schema": OUTCOME, "kpis": [{**LOSS, "value": ""}]}, "kpis[0].value"),
        ({"outcome_schema": OUTCOME, "kpis": [{**LOSS, "colour": "red"}]}, "kpis[0].colour"),
    ],
)
def test_parse__faulty__is_refused_by_path(terms: dict[str, Any], path: str) -> None:
    with pytest.raises(SpecError) as refused:
        ContractSpec.parse(contract_body(**terms))
    assert path in refused.value.faults


@pytest.mark.parametrize("value", ["outcome.lost", "'text'", "outcome.loss + 1", "[outcome.loss]"])
def test_figures__wrong_types__are_found_before_the_contract_is_published(value: str) -> None:
    made = spec(outcome_schema=OUTCOME, kpis=[{**LOSS, "value": value}])
    assert list(kpis.faults_of(made)) == ["kpis[0].value"]


def test_figures__one_case__are_worked_out_and_those_that_cannot_be_told_left_out() -> None:
    figures = [
        LOSS,
        {"name": "kept", "direction": "up", "value": "outcome.repaid"},
        {"name": "share", "direction": "down", "value": "outcome.loss / input.amount"},
        {"name": "rate", "direction": "up", "value": "output.limit / input.savings"},
    ]
    made = spec(outcome_schema=OUTCOME, kpis=figures)
    assert kpis.faults_of(made) == {}
    found = kpis.values(
        made, input={"amount": 0.0}, output={"action": "approve", "limit": 9.0}, outcome={"repaid": True, "loss": 3.0}
    )
    assert found == {"loss": 3.0, "kept": 1.0}
