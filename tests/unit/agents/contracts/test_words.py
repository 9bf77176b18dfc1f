"""The contract in sentences, and a first request that keeps it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.contracts import sample, words
from agents.contracts.schema import Schema
from tests.factories.agents import spec
from tests.factories.properties import steady


def test_field_list__every_kind__reads_well() -> None:
    found = {row.field.name: (row.kind, row.need) for row in words.field_list(spec().input_schema)}
    assert found["purpose"] == ("One of: car; education; repairs", "Required")
    assert found["duration"] == ("Whole number, 1 to 120 months", "Required")
    assert found["amount"] == ("Number, 0 EUR or more", "Required")
    assert found["savings"] == ("Number, in EUR", "Optional")
    assert found["employed"] == ("Yes or no", "If left out: yes")
    assert found["note"] == ("Text, at most 200 characters", "Optional")
    assert found["tags"] == ("List", "Optional")


def test_field_list__nested_object__is_read_by_its_path() -> None:
    schema = {
        "type": "object",
        "properties": {
            "home": {"type": "object", "title": "Home", "properties": {"rooms": {"type": "integer", "maximum": 9}}},
            "born": {"type": "string", "format": "date"},
        },
    }
    rows = words.field_list(schema)
    assert [(row.field.path, row.field.group, row.kind) for row in rows] == [
        ("home.rooms", "Home", "Whole number, at most 9"),
        ("born", "", "Date"),
    ]


def test_failures__each_case__says_what_is_answered() -> None:
    assert words.failures(spec()) == [
        ("When the policy errs", "A person decides"),
        ("When the answer is late", "A person decides"),
        ("When no policy is live", "Refuse at once: decline"),
    ]


def test_reasons__verdicts__in_words() -> None:
    assert [(row.code, row.verdicts) for row in words.reasons(spec())] == [
        ("sound", "Agree"),
        ("income", "Correct, Escalate"),
    ]


@pytest.mark.parametrize(
    ("minutes", "text"), [(1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (120, "2 hours"), (2880, "2 days")]
)
def test_duration__largest_whole_unit(minutes: int, text: str) -> None:
    assert words.duration(minutes) == text


def test_sample__of_the_contract__keeps_it() -> None:
    contract = spec()
    assert contract.input.validate(sample.document(contract.input_schema)) == []
    assert contract.output.validate(sample.document(contract.output_schema)) == []


_PROPERTIES = st.one_of(
    st.fixed_dictionaries({"type": st.just("integer")}, optional={"minimum": st.integers(-5, 5)}),
    st.fixed_dictionaries({"type": st.just("integer")}, optional={"maximum": st.integers(-5, 5)}),
    st.fixed_dictionaries({"type": st.just("number")}, optional={"exclusiveMinimum": st.integers(-5, 5)}),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"minLength": st.integers(0, 9)}),
    st.fixed_dictionaries({"type": st.just("string"), "maxLength": st.integers(0, 9)}),
    st.fixed_dictionaries({"type": st.just("string"), "format": st.sampled_from(["date", "date-time", "email"])}),
    st.fixed_dictionaries({"enum": st.lists(st.integers(), min_size=1, unique=True)}),
    st.fixed_dictionaries({"const": st.text()}),
    st.fixed_dictionaries({"type": st.just("boolean")}),
    st.fixed_dictionaries(
        {"type": st.just("array"), "items": st.just({"type": "integer"})}, optional={"minItems": st.integers(0, 3)}
    ),
)


@steady
@given(st.dictionaries(st.sampled_from("abcd"), _PROPERTIES))
def test_sample__of_any_schema__is_valid(properties: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    assert Schema(schema).validate(sample.document(schema)) == []
