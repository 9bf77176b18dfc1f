"""The carried data: every row keeps its agent's contract, and nothing that must not be decided on is in it."""

import csv
import gzip
from collections import Counter

import pytest

from agents.contracts.spec import ContractSpec
from agents.runtime import review
from reviewapp.ops.demo import datasets

EXAMPLES = {
    "credit": datasets.credit,
    "employment": datasets.employment,
    "refund": lambda: tuple(one.example for one in datasets.refunds()),
}


def spec(agent: str) -> ContractSpec:
    return ContractSpec.parse({"agent": agent, "version": 1, **datasets.contract(agent)})


@pytest.mark.parametrize("agent", EXAMPLES)
def test_examples__all_rows__keep_the_contract(agent: str) -> None:
    contract = spec(agent)
    for example in EXAMPLES[agent]():
        assert contract.input.validate(example.input) == []
        assert contract.output.validate(example.answer) == []
        if contract.mode == "propose":
            assert contract.check_proposal(example.proposal) == []


@pytest.mark.parametrize("agent", EXAMPLES)
def test_contract__rules__compile(agent: str) -> None:
    assert review.faults_of(spec(agent)) == {}


@pytest.mark.parametrize("agent", EXAMPLES)
def test_contract__every_field__is_explained_and_classed(agent: str) -> None:
    contract = spec(agent)
    for field in contract.input.fields:
        assert field.title, field.path
        assert field.description, field.path
        assert field.group, field.path
        assert field.source, field.path
    assert {field.sensitivity for field in contract.input.fields} <= {"internal", "personal", "sensitive"}


@pytest.mark.parametrize("agent", EXAMPLES)
def test_contract__reasons__every_verdict_has_some(agent: str) -> None:
    contract = spec(agent)
    assert 6 <= len(contract.reason_codes) <= 10
    for verdict in ("agree", "correct", "cannot_tell", "escalate"):
        assert contract.reasons_for(verdict), verdict


@pytest.mark.parametrize("agent", EXAMPLES)
def test_contract__choices__all_occur_in_the_data(agent: str) -> None:
    examples = EXAMPLES[agent]()
    for field in spec(agent).input.fields:
        if field.choices:
            assert {example.input[field.name] for example in examples} == set(field.choices), field.name


def test_credit__truth__is_the_files_creditability() -> None:
    counted = Counter(example.answer["decision"] for example in datasets.credit())
    assert counted == {"approve": 700, "decline": 300}


def test_credit__answers__approve_in_full_and_decline_without_limit() -> None:
    for example in datasets.credit():
        approved = example.answer["decision"] == "approve"
        assert example.answer["credit_limit"] == (example.input["credit_amount"] if approved else None)


@pytest.mark.parametrize("name", ["sex", "age", "foreign", "telephone", "personal_status"])
def test_credit__what_must_not_count__is_not_in_the_contract(name: str) -> None:
    assert not [field.name for field in spec("credit").input.fields if name in field.name]


@pytest.mark.parametrize("name", ["sex", "race", "citizen", "nativ", "ancestry"])
def test_employment__what_must_not_count__is_not_in_the_contract(name: str) -> None:
    assert not [field.name for field in spec("employment").input.fields if name in field.name]


def test_employment__proposals__are_the_base_models_own() -> None:
    with gzip.open(datasets.HERE / "data" / "employment_ma_20k.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row, example in zip(rows, datasets.employment(), strict=True):
        assert example.proposal is not None
        assert (example.proposal["output"]["employed"] == "yes") == (row["prediction"] == "1")
        assert 0.5 <= example.proposal["confidence"] <= 1.0
    assert Counter(example.year for example in datasets.employment()) == dict.fromkeys((2015, 2016, 2017, 2018), 5000)


def test_refunds__reasons__are_given_where_the_answer_differs() -> None:
    contract = spec("refund")
    for case in datasets.refunds():
        differs = case.example.proposal is not None and case.example.answer != case.example.proposal["output"]
        assert differs == bool(case.reason), case.case_ref
        assert differs == (len(case.why) >= contract.min_justification), case.case_ref
        if case.reason:
            assert case.reason in {one.code for one in contract.reasons_for("correct")}, case.case_ref


def test_refunds__proposals__show_tool_calls_and_every_action() -> None:
    cases = datasets.refunds()
    assert len(cases) >= 12
    assert all(case.example.proposal and case.example.proposal["tool_calls"] for case in cases)
    assert {case.example.answer["action"] for case in cases} == {"refund", "partial_refund", "deny", "ask"}


def test_request__carries_what_the_endpoint_takes() -> None:
    example = datasets.refunds()[0].example
    assert example.request(case_ref="a", unit="b") == {
        "input": example.input,
        "proposal": example.proposal,
        "case_ref": "a",
        "unit": "b",
    }
    assert set(datasets.credit()[0].request()) == {"input"}


def test_by_hash__same_salt__same_order_and_nothing_lost() -> None:
    order = datasets.by_hash("credit", list(range(50)))
    assert order == datasets.by_hash("credit", list(range(50)))
    assert order != datasets.by_hash("other", list(range(50)))
    assert sorted(order) == list(range(50))
