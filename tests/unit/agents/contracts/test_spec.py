"""Contracts: read whole, refused by dotted path, named by their content."""

import json
from typing import Any

import pytest

from agents.contracts.spec import ContractSpec, SpecError
from tests.factories.agents import contract_body, spec


def faults(**changes: Any) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        ContractSpec.parse(contract_body(**changes))
    return caught.value.faults


def test_parse__good_contract__keeps_every_term() -> None:
    contract = spec()
    assert (contract.agent, contract.version, contract.mode) == ("lending", 1, "decide")
    assert contract.on_unavailable.output == {"action": "decline"}
    assert contract.actions == ("approve", "decline")
    assert [reason.code for reason in contract.reasons_for("correct")] == ["income"]


def test_digest__after_jsonb_shuffled_the_keys__is_the_same() -> None:
    contract = spec()
    shuffled = json.loads(json.dumps(contract.body, sort_keys=True))
    assert ContractSpec.parse(shuffled).digest == contract.digest
    assert [field.name for field in ContractSpec.parse(shuffled).input.fields][:3] == ["purpose", "duration", "amount"]


def test_digest__other_order_of_fields__is_another_contract() -> None:
    body = contract_body()
    body["input_schema"]["properties"] = dict(reversed(body["input_schema"]["properties"].items()))
    assert ContractSpec.parse(body).digest != spec().digest


def test_parse__defaults_given_or_left_out__same_digest() -> None:
    body = contract_body()
    del body["review_minutes"]
    assert ContractSpec.parse(body).digest == spec(review_minutes=480).digest


@pytest.mark.parametrize("key", ["agent", "version", "title", "mode", "input_schema", "output_schema", "action_field"])
def test_parse__missing_field__is_named(key: str) -> None:
    body = contract_body()
    del body[key]
    with pytest.raises(SpecError) as caught:
        ContractSpec.parse(body)
    assert caught.value.faults[key] == "This field is required."


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"agent": "No Slug"}, "agent"),
        ({"version": 0}, "version"),
        ({"version": True}, "version"),
        ({"mode": "guess"}, "mode"),
        ({"title": "  "}, "title"),
        ({"latency_ms": 0}, "latency_ms"),
        ({"min_justification": "40"}, "min_justification"),
        ({"surprise": 1}, "surprise"),
        ({"action_field": "nope"}, "action_field"),
        ({"title_template": "{nope}"}, "title_template"),
        ({"input_schema": {"type": "array"}}, "input_schema"),
        (
            {"input_schema": {"type": "object", "properties": {"a": {"type": "wrong"}}}},
            "input_schema.properties.a.type",
        ),
        ({"input_schema": {"type": "object", "properties": {"a b": {}}}}, "input_schema.properties.a b"),
        ({"input_schema": {"type": "object", "properties": {"in": {}}}}, "input_schema.properties.in"),
        (
            {"input_schema": {"type": "object", "properties": {"a": {"x-class": "secret"}}}, "title_template": ""},
            "input_schema.properties.a.x-class",
        ),
        ({"failure": {"on_error": {"do": "deny"}}}, "failure.on_error.output"),
        ({"failure": {"on_error": {"do": "deny", "output": {"action": "x"}}}}, "failure.on_error.output.action"),
        ({"failure": {"on_fire": {"do": "review"}}}, "failure.on_fire"),
        ({"review_rules": [{"id": "A", "when": "true", "action": "stop", "text": "x"}]}, "review_rules[0].action"),
        ({"review_rules": [{"id": "A", "when": "", "action": "review", "text": "x"}]}, "review_rules[0].when"),
        (
            {"escalation_rules": [{"id": "A", "when": "true", "text": "x"}, {"id": "A", "when": "true", "text": "y"}]},
            "escalation_rules[1].id",
        ),
        ({"reason_codes": [{"code": "a", "title": "A", "verdicts": ["perhaps"]}]}, "reason_codes[0].verdicts"),
        ({"reason_codes": [{"code": "a b", "title": "A"}]}, "reason_codes[0].code"),
        ({"reason_codes": [{"code": "a"}]}, "reason_codes[0]"),
        ({"reason_codes": {}}, "reason_codes"),
        ({"review_rules": {}}, "review_rules"),
        ({"review_rules": ["x"]}, "review_rules[0]"),
        ({"review_rules": [{"when": "true", "action": "review", "text": "x"}]}, "review_rules[0].id"),
        ({"review_rules": [{"id": "A", "when": "true", "action": "review"}]}, "review_rules[0].text"),
        ({"review_rules": [{"id": "A", "when": "true", "action": "review", "text": "x", "y": 1}]}, "review_rules[0].y"),
        ({"failure": []}, "failure"),
        ({"failure": {"on_error": {"do": "panic"}}}, "failure.on_error"),
        ({"title_template": 3}, "title_template"),
        (
            {"input_schema": {"type": "object", "properties": {"a": True}}, "title_template": ""},
            "input_schema.properties.a",
        ),
    ],
)
def test_parse__faulty_term__is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    assert path in faults(**changes)


def test_parse__not_an_object__says_so() -> None:
    with pytest.raises(SpecError, match="JSON object"):
        ContractSpec.parse([])


def test_parse__remote_reference__is_refused_without_fetching_it() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/none"}}}
    assert "input_schema.properties.a.$ref" in faults(input_schema=schema, title_template="")


def test_parse__several_faults__are_all_named() -> None:
    assert {"agent", "mode", "latency_ms"} <= set(faults(agent="", mode="", latency_ms=-1))


def test_case_title__values_and_gaps__read_well() -> None:
    title = spec().case_title({"purpose": "car", "amount": 12500.0})
    assert title == "car, 12,500 EUR over not given months"


def test_check_proposal__mode_propose_without_one__is_a_fault() -> None:
    contract = spec(mode="propose")
    assert contract.check_proposal(None)[0][0] == "proposal"
    assert spec().check_proposal(None) == []


@pytest.mark.parametrize(
    ("proposal", "path"),
    [
        ([], "proposal"),
        ({}, "proposal.output"),
        ({"output": {"action": "perhaps"}}, "proposal.output.action"),
        ({"output": {"action": "approve"}, "confidence": 1.2}, "proposal.confidence"),
        ({"output": {"action": "approve"}, "confidence": True}, "proposal.confidence"),
        ({"output": {"action": "approve"}, "tool_calls": [1]}, "proposal.tool_calls"),
        ({"output": {"action": "approve"}, "tool_calls": [{"a": "\x00"}]}, "proposal.tool_calls[0].a"),
        ({"output": {"action": "approve"}, "mood": "good"}, "proposal.mood"),
    ],
)
def test_check_proposal__faulty__is_named(proposal: Any, path: str) -> None:
    assert path in dict(spec(mode="propose").check_proposal(proposal))
