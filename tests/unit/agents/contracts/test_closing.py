"""References, alternatives, formats and defaults in one schema; unknown fields refused or left out."""

from typing import Any

from agents.contracts import fields, sample
from agents.contracts.schema import Schema, faults_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["applicant", "purpose"],
    "$defs": {
        "person": {
            "type": "object",
            "required": ["born"],
            "properties": {
                "born": {"type": "string", "format": "date", "title": "Born"},
                "country": {"type": "string", "default": "AT"},
            },
        },
        "purpose": {"oneOf": [{"const": "car", "title": "A car"}, {"const": "house", "title": "A house"}]},
    },
    "properties": {
        "applicant": {"$ref": "#/$defs/person", "title": "Applicant"},
        "guarantors": {"type": "array", "items": {"$ref": "#/$defs/person"}},
        "purpose": {"$ref": "#/$defs/purpose", "title": "Purpose"},
        "properties": {"type": "object", "properties": {"size": {"type": "number"}}},
        "contact": {
            "type": "object",
            "properties": {"kind": {"enum": ["mail", "phone"]}},
            "allOf": [{"properties": {"mail": {"type": "string", "format": "email"}}}],
        },
    },
}
GOOD: dict[str, Any] = {"applicant": {"born": "1980-02-29"}, "purpose": "car"}


def test_schema__references_and_alternatives__hold_documents_to_them() -> None:
    schema = Schema(SCHEMA)
    assert faults_of(SCHEMA, "input_schema") == []
    assert schema.validate(GOOD) == []
    assert dict(schema.validate({"applicant": {"born": "1981-02-29"}, "purpose": "boat"})) == {
        "applicant.born": "This is not a valid date: write it like 2027-01-31.",
        "purpose": "Choose one of car, house.",
    }
    assert "applicant.name" in dict(schema.validate({**GOOD, "applicant": {"born": "1980-02-29", "name": "x"}}))


def test_schema__object_in_parts__is_closed_as_a_whole() -> None:
    schema = Schema(SCHEMA)
    assert schema.validate({**GOOD, "contact": {"kind": "mail", "mail": "a@example.org"}}) == []
    assert "contact.other" in dict(schema.validate({**GOOD, "contact": {"other": 1}}))
    assert "contact.mail" in dict(schema.validate({**GOOD, "contact": {"mail": "nobody"}}))


def test_schema__field_called_properties__is_a_field() -> None:
    schema = Schema(SCHEMA)
    assert schema.validate({**GOOD, "properties": {"size": 1.5}}) == []
    assert "properties.colour" in dict(schema.validate({**GOOD, "properties": {"colour": 1}}))


def test_schema__defaults_behind_a_reference__are_filled_in() -> None:
    assert Schema(SCHEMA).with_defaults(GOOD)["applicant"] == {"born": "1980-02-29", "country": "AT"}


def test_describe__references__are_followed() -> None:
    found = {field.path: field for field in fields.describe(SCHEMA)}
    assert found["applicant.born"].required
    assert found["purpose"].choices == ("car", "house")
    assert found["purpose"].kind == "string"


def test_sample__references__make_a_document_that_is_valid() -> None:
    assert Schema(SCHEMA).validate(sample.document(SCHEMA)) == []


def test_without_unknown__what_nobody_knows__is_left_out_and_named() -> None:
    sent = {
        **GOOD,
        "trace": 1,
        "applicant": {"born": "1980-02-29", "name": "x"},
        "guarantors": [{"born": "1980-02-29", "age": 3}],
    }
    kept, dropped = Schema(SCHEMA).without_unknown(sent)
    assert sorted(dropped) == ["applicant.name", "guarantors[0].age", "trace"]
    assert kept == {**GOOD, "guarantors": [{"born": "1980-02-29"}]}
    assert "trace" in sent


def test_without_unknown__nothing_unknown__is_the_document_itself() -> None:
    kept, dropped = Schema(SCHEMA).without_unknown(GOOD)
    assert kept is GOOD
    assert dropped == ()


def test_resolved__reference_in_a_circle__ends() -> None:
    root = {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}
    assert fields.describe(root)[0].path == "a"
    node = {"type": "object", "properties": {"next": {"$ref": "#"}, "n": {"type": "integer", "default": 1}}}
    assert Schema(node).with_defaults({"next": {}}) == {"next": {"n": 1}, "n": 1}
