"""Validation in words: the field, what is wrong, the mend."""

import functools
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.contracts.schema import LARGEST, plainly_storable, unstorable
from tests.factories.agents import spec
from tests.factories.properties import steady

GOOD = {"purpose": "car", "duration": 24, "amount": 1000.5}


def faults(**changes: Any) -> dict[str, str]:
    document = {key: value for key, value in {**GOOD, **changes}.items() if value is not ...}
    return dict(spec().input.validate(document, prefix="input"))


def test_validate__good_document__has_no_faults() -> None:
    assert faults() == {}
    assert faults(savings=None, tags=["a"]) == {}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"purpose": ...}, "input.purpose", "required"),
        ({"purpose": "boat"}, "input.purpose", "Choose one of car, education, repairs"),
        ({"duration": "24"}, "input.duration", "Send a whole number (months)"),
        ({"duration": 24.5}, "input.duration", "whole number"),
        ({"duration": True}, "input.duration", "whole number"),
        ({"duration": 0}, "input.duration", "at least 1 months"),
        ({"amount": -1}, "input.amount", "at least 0 EUR"),
        ({"note": "x" * 201}, "input.note", "at most 200 characters"),
        ({"tags": ["a", 1]}, "input.tags[1]", "Send text"),
        ({"Duration": 3}, "input.Duration", "Did you mean duration?"),
        ({"extra": 3}, "input.extra", "no such field"),
        ({"note": "a\x00b"}, "input.note", "NUL"),
        ({"amount": 10**400}, "input.amount", "Whole numbers go up to"),
        ({"amount": float("nan")}, "input.amount", "finite"),
    ],
)
def test_validate__faulty_field__names_it_and_the_mend(changes: dict[str, Any], path: str, words: str) -> None:
    assert words in faults(**changes)[path]


def test_validate__not_an_object__says_what_to_send() -> None:
    assert spec().input.validate([], prefix="input") == [("input", "Send an object.")]


def test_with_defaults__absent_field__is_filled_and_the_document_unchanged() -> None:
    document = dict(GOOD)
    assert spec().input.with_defaults(document)["employed"] is True
    assert "employed" not in document
    assert spec().input.with_defaults({**GOOD, "employed": False})["employed"] is False


def test_fields__in_display_order_with_their_facts() -> None:
    by_name = {field.name: field for field in spec().input.fields}
    assert list(by_name)[:4] == ["purpose", "duration", "amount", "savings"]
    assert by_name["age"].sensitivity == "sensitive"
    assert by_name["amount"].source == "Application"
    assert by_name["savings"].kind == "number"
    assert not by_name["savings"].required
    assert by_name["purpose"].choices == ("car", "education", "repairs")
    assert by_name["duration"].show(36) == "36 months"


@steady
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "purpose": st.sampled_from(["car", "boat", 3, None]),
            "duration": st.one_of(st.integers(-5, 130), st.floats(0, 5), st.none(), st.booleans()),
            "amount": st.one_of(st.floats(-10, 10), st.text(max_size=3)),
            "savings": st.one_of(st.none(), st.floats(0, 5), st.booleans()),
            "tags": st.lists(st.one_of(st.text("ab", max_size=2), st.integers(0, 3)), max_size=3),
            "extra": st.integers(0, 1),
        },
    )
)
def test_validate__any_document__agrees_with_another_validator(document: dict[str, Any]) -> None:
    schema = {**spec().input_schema, "additionalProperties": False}
    expected = jsonschema.Draft202012Validator(schema).is_valid(document)
    assert (spec().input.validate(document) == []) is expected


@steady
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_unstorable__any_json__finds_exactly_nul_and_huge(value: Any) -> None:
    def bad(item: Any) -> bool:
        if isinstance(item, dict):
            return any("\x00" in key or bad(inner) for key, inner in item.items())
        if isinstance(item, list):
            return any(bad(inner) for inner in item)
        if isinstance(item, str):
            return "\x00" in item
        return isinstance(item, int) and not isinstance(item, bool) and abs(item) > LARGEST

    assert bool(list(unstorable(value))) is bad(value)
    assert not (plainly_storable(value) and bad(value))


@pytest.mark.parametrize(
    "value",
    [
        {"a": float("nan")},
        {"a": [None, float("inf")]},
        {"a": LARGEST + 1},
        {"a": "b\x00"},
        {"\x00": 1},
        {1: 2},
        {"a": object()},
        {"a": datetime(2026, 1, 1, tzinfo=UTC)},
        functools.reduce(lambda inner, _: [inner], range(40), []),
    ],
)
def test_plainly_storable__what_cannot_be_kept__is_never_plain(value: Any) -> None:
    assert plainly_storable(value) is False


@pytest.mark.parametrize("value", [{"a": None}, {"a": LARGEST, "b": [1.5, "\\u0001", "null"]}, [], "text", {}])
def test_plainly_storable__what_can_be_kept__is_seen_at_once(value: Any) -> None:
    assert plainly_storable(value) is True
    assert list(unstorable(value)) == []
