"""A schema at one place: references, joined parts, null apart, circles, objects with room for more."""

from typing import Any

import pytest

from reviewapp.core import schemas

ROOT: dict[str, Any] = {
    "$defs": {
        "tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "size": {"type": "integer"}}},
        "ring": {"$ref": "#/$defs/ring"},
        "town": {"type": "object", "properties": {"zip": {"type": "string"}}, "required": ["zip"]},
        "even": {"type": "integer", "enum": [2, 4, 6]},
    }
}


def test_resolved__reference__is_followed_and_members_beside_it_win() -> None:
    made = schemas.resolved(ROOT, {"$ref": "#/$defs/town", "title": "Home"})
    assert (made["title"], made["required"]) == ("Home", ["zip"])


def test_resolved__plain_parts__become_one_in_their_order() -> None:
    street = {"properties": {"street": {"type": "string", "x-order": 0}}, "required": ["street"]}
    made = schemas.resolved(ROOT, {"allOf": [{"$ref": "#/$defs/town"}, street], "properties": {"note": {}}})
    assert list(made["properties"]) == ["zip", "street", "note"]
    assert made["required"] == ["zip", "street"]
    assert "allOf" not in made


def test_resolved__bounds_of_parts__narrow_each_other() -> None:
    parts = [
        {"type": ["number", "null"], "minimum": 3},
        {"minimum": 5, "maximum": 9},
        {"type": "integer", "maximum": 8},
    ]
    assert schemas.resolved({}, {"allOf": parts}) == {"type": "integer", "minimum": 5, "maximum": 8}


def test_resolved__conditional_part__stays_apart() -> None:
    when = {"if": {"required": ["a"]}, "then": {"properties": {"b": {}}}}
    made = schemas.resolved({}, {"type": "object", "properties": {"a": {}}, "allOf": [when]})
    assert made["allOf"] == [when]
    assert schemas.is_open({}, made)


@pytest.mark.parametrize("word", ["anyOf", "oneOf"])
def test_resolved__alternative_beside_null__has_null_among_its_types_and_choices(word: str) -> None:
    made = schemas.resolved(ROOT, {word: [{"$ref": "#/$defs/even"}, {"type": "null"}]})
    assert made == {"type": ["integer", "null"], "enum": [2, 4, 6, None]}


def test_resolved__circle_of_references__ends() -> None:
    assert "type" not in schemas.resolved(ROOT, {"$ref": "#/$defs/ring", "title": "Ring"})
    assert schemas.resolved(ROOT, {"$ref": "#/$defs/nowhere"}) == {}
    assert schemas.resolved(ROOT, True) == {}


@pytest.mark.parametrize(
    ("prop", "comes_back"),
    [
        ({"$ref": "#/$defs/tree"}, True),
        ({"anyOf": [{"$ref": "#/$defs/tree"}, {"type": "null"}]}, True),
        ({"$ref": "#/$defs/ring"}, True),
        ({"$ref": "#/$defs/town"}, False),
        ({"type": "object", "properties": {"tree": {"$ref": "#/$defs/tree"}}}, False),
        (True, False),
    ],
)
def test_circular__schema__says_whether_it_comes_back_to_itself(prop: Any, comes_back: bool) -> None:
    assert schemas.circular(ROOT, prop) is comes_back


@pytest.mark.parametrize(
    ("schema", "more"),
    [
        ({"properties": {"a": {}}}, False),
        ({"properties": {"a": {}}, "additionalProperties": False}, False),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}, True),
        ({"properties": {"a": {}}, "patternProperties": {"^x": {}}}, True),
        ({"properties": {"a": {}}, "anyOf": [{"required": ["a"]}]}, False),
        ({"properties": {"a": {}}, "oneOf": [{"$ref": "#/$defs/town"}]}, True),
    ],
)
def test_is_open__object__says_whether_it_holds_more_than_it_lists(schema: Any, more: bool) -> None:
    assert schemas.is_open(ROOT, schema) is more
