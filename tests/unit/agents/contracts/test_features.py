"""The feature views a contract reads: optional, refused by dotted path, no change for contracts without them."""

from typing import Any

import pytest

from agents.contracts import features, words
from agents.contracts.spec import ContractSpec, SpecError
from tests.factories.agents import contract_body, spec

USE = {"view": "applicant", "version": 1, "entity": "/input/note", "prefix": "applicant_"}


def test_parse__no_views_named__digest_as_before() -> None:
    assert "features" not in spec().body
    assert spec(features=[]).digest == spec().digest
    assert spec().features == ()


def test_parse__views_named__part_of_the_digest() -> None:
    contract = spec(features=[USE])

    assert contract.digest != spec().digest
    assert contract.features[0].path == "note"
    assert contract.on_stale_features.do == "review"
    assert ContractSpec.parse(contract.body).digest == contract.digest


def test_parse__stale_terms__kept_and_told() -> None:
    failure = {"on_stale_features": {"do": "fallback", "output": {"action": "decline"}}}
    contract = spec(features=[USE], failure=failure)

    assert contract.on_stale_features.output == {"action": "decline"}
    assert ("When a feature is old or missing", "Fall back at once: decline") in words.failures(contract)


def test_parse__view_is_not_required__part_of_the_digest_and_nothing_is_promised() -> None:
    contract = spec(features=[{**USE, "required": False}])

    assert not contract.features[0].required
    assert spec(features=[USE]).features[0].required
    assert contract.digest != spec(features=[USE]).digest
    assert "When a feature is old or missing" not in dict(words.failures(contract))


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("all", "features"),
        (["applicant"], "features[0]"),
        ([{**USE, "view": "No Name"}], "features[0].view"),
        ([{**USE, "version": 0}], "features[0].version"),
        ([{**USE, "version": True}], "features[0].version"),
        ([{**USE, "entity": "note"}], "features[0].entity"),
        ([{**USE, "entity": "/input/nobody"}], "features[0].entity"),
        ([{**USE, "entity": "/input/amount"}], "features[0].entity"),
        ([{**USE, "prefix": "a b"}], "features[0].prefix"),
        ([{**USE, "required": "no"}], "features[0].required"),
        ([{**USE, "colour": "red"}], "features[0].colour"),
        ([USE, USE], "features[1]"),
    ],
)
def test_parse__bad_views__named_by_path(body: Any, path: str) -> None:
    with pytest.raises(SpecError) as caught:
        ContractSpec.parse(contract_body(features=body))

    assert path in caught.value.faults


def test_parse__stale_terms_without_an_answer__refused() -> None:
    with pytest.raises(SpecError) as caught:
        ContractSpec.parse(contract_body(failure={"on_stale_features": {"do": "deny"}}))

    assert "failure.on_stale_features.output" in caught.value.faults


@pytest.mark.parametrize(
    ("value", "text"),
    [("a-1", "a-1"), (17, "17"), (True, ""), (None, ""), (1.5, ""), ("x" * 201, ""), ({}, "")],
)
def test_entity_text__any_value__text_or_nothing(value: Any, text: str) -> None:
    assert features.entity_text(value) == text


def test_entity_of__nested_field__found() -> None:
    use = features.FeatureUse("applicant", 1, "/input/person/id", "")

    assert use.entity_of({"person": {"id": 7}}) == "7"
    assert use.entity_of({}) == ""
