"""A form from a schema gives back exactly what it was filled with, keeps what was typed, and names faults where they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.core.web import schema_form

CREDIT: dict[str, Any] = {
    "type": "object",
    "required": ["outcome", "limit", "conditions"],
    "properties": {
        "outcome": {
            "title": "Outcome",
            "oneOf": [{"const": "approve", "title": "Approve"}, {"const": "decline", "title": "Decline"}],
        },
        "limit": {
            "type": ["integer", "null"],
            "title": "Credit limit",
            "x-unit": "EUR",
            "minimum": 500,
            "maximum": 75000,
        },
        "conditions": {"type": "array", "items": {"enum": ["guarantor", "direct_debit"]}, "uniqueItems": True},
        "letter": {"type": "string", "maxLength": 2000, "description": "What the customer reads"},
        "contact": {"$ref": "#/$defs/contact"},
        "payments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["amount"],
                "properties": {"amount": {"type": "number"}, "due": {"type": "string", "format": "date"}},
            },
        },
        "express": {"type": "boolean"},
    },
    "$defs": {
        "contact": {
            "type": "object",
            "properties": {"email": {"type": "string", "format": "email"}, "calls": {"type": "integer"}},
        }
    },
}


def posted(**values: Any) -> QueryDict:
    made = QueryDict(mutable=True)
    for name, value in values.items():
        made.setlist(f"output.{name.replace('__', '.')}", value if isinstance(value, list) else [value])
    return made


def sent(controls: tuple[schema_form.Control, ...]) -> QueryDict:
    """Send a form as a browser does."""
    made = QueryDict(mutable=True)
    for name, value in _pairs(controls):
        made.appendlist(name, value)
    return made


def _pairs(controls: tuple[schema_form.Control, ...]) -> Iterator[tuple[str, str]]:
    for one in controls:
        if one.empty:
            yield f"{one.name}~", one.empty
        if one.kind == "variants":
            yield from [(f"{one.name}@", one.text), (f"{one.name}@was", one.text), *one.kept]
        if one.kind in {"group", "rows", "variants"}:
            yield from _pairs(one.controls)
        elif one.kind == "checkbox":
            yield from [(one.name, "true")] if one.checked else []
        elif one.kind in {"checks", "radios"}:
            yield from ((one.name, choice.key) for choice in one.choices if choice.chosen)
        elif one.kind == "select":
            yield one.name, next((choice.key for choice in one.choices if choice.chosen), "")
        else:
            yield one.name, one.text.replace("\n", "\r\n")


def flat(controls: tuple[schema_form.Control, ...]) -> dict[str, schema_form.Control]:
    return {one.path: one for top in controls for one in (top, *flat(top.controls).values())}


def test_build__kinds__follow_the_schema() -> None:
    found = {path: one.kind for path, one in flat(schema_form.build(CREDIT)).items()}

    assert found == {
        "output.outcome": "select",
        "output.limit": "number",
        "output.conditions": "checks",
        "output.letter": "textarea",
        "output.contact": "group",
        "output.contact.email": "text",
        "output.contact.calls": "number",
        "output.payments": "rows",
        "output.payments.0": "group",
        "output.payments.0.amount": "number",
        "output.payments.0.due": "text",
        "output.express": "select",
    }


def test_build__words__title_unit_limits_and_hint() -> None:
    found = flat(schema_form.build(CREDIT))

    assert (found["output.limit"].title, found["output.limit"].unit, found["output.limit"].limits) == (
        "Credit limit",
        "EUR",
        "500 to 75,000",
    )
    assert found["output.letter"].hint == "What the customer reads"
    assert found["output.contact.email"].input_type == "email"
    assert found["output.payments.0.due"].input_type == "date"


def test_parse__typed_values__come_back_typed() -> None:
    form = posted(
        outcome="approve",
        limit="6,500",
        conditions=["guarantor"],
        letter="Two\r\nlines",
        contact__calls="3",
        payments__0__amount="10.5",
        payments__0__due="2026-12-01",
        express="false",
    )

    assert schema_form.parse(CREDIT, form) == {
        "outcome": "approve",
        "limit": 6500,
        "conditions": ["guarantor"],
        "letter": "Two\nlines",
        "contact": {"calls": 3},
        "payments": [{"amount": 10.5, "due": "2026-12-01"}],
        "express": False,
    }


@pytest.mark.parametrize(
    ("entered", "meant"),
    [
        ("6500", 6500),
        ("6,500", 6500),
        ("75 000", 75000),
        ("-3", -3),
        ("−3", -3),
        ("0.1", 0.1),
        ("1e3", 1000.0),
        ("6,5", "6,5"),
        ("1e999", "1e999"),
        ("nan", "nan"),
        ("a lot", "a lot"),
    ],
)
def test_parse__number__is_never_guessed_at(entered: str, meant: object) -> None:
    assert schema_form.parse(CREDIT, posted(limit=entered))["limit"] == meant


def test_parse__empty_controls__are_left_out_or_null_where_the_schema_allows() -> None:
    form = posted(outcome="", limit="", letter="", contact__email="", express="")

    assert schema_form.parse(CREDIT, form) == {"limit": None, "conditions": []}


def test_build__posted__keeps_what_was_typed_even_when_it_is_no_number() -> None:
    form = posted(limit="a lot", outcome="decline", payments__0__amount="ten")

    found = flat(schema_form.build(CREDIT, posted=form, value={"limit": 700}))

    assert found["output.limit"].text == "a lot"
    assert [one.key for one in found["output.outcome"].choices if one.chosen] == ["decline"]
    assert found["output.payments.0.amount"].text == "ten"


def test_build__rows__drop_empty_ones_and_offer_one_more() -> None:
    form = posted(payments__0__amount="", payments__2__amount="5", payments__7__amount="9")

    found = flat(schema_form.build(CREDIT, posted=form))

    assert [found[f"output.payments.{n}.amount"].text for n in range(3)] == ["5", "9", ""]
    assert "output.payments.3" not in found
    assert [row["amount"] for row in schema_form.parse(CREDIT, form)["payments"]] == [5, 9]


def test_build__rows_at_their_limit__offer_no_more() -> None:
    schema = {"properties": {"rows": {**CREDIT["properties"]["payments"], "maxItems": 1}}}

    found = flat(schema_form.build(schema, value={"rows": [{"amount": 1}]}))

    assert "output.rows.0" in found
    assert "output.rows.1" not in found


def test_build__errors__stand_at_their_field() -> None:
    errors = {
        "output.limit": "Enter 500 to 75,000",
        "output.payments.0.amount": "Enter a number",
        "output.conditions.1": "Unknown condition",
    }

    found = flat(schema_form.build(CREDIT, value={"payments": [{"amount": "x"}]}, errors=errors))

    assert found["output.limit"].error == "Enter 500 to 75,000"
    assert found["output.payments.0.amount"].error == "Enter a number"
    assert found["output.conditions"].error == "Unknown condition"
    assert found["output.limit"].described == "f-output-limit-h f-output-limit-e"


def test_read__faults__get_the_path_of_the_control() -> None:
    entered = schema_form.read(
        CREDIT, posted(limit="12"), validate=lambda value: {"limit": f"{value['limit']} is under 500", "": "Incomplete"}
    )

    assert entered.value["limit"] == 12
    assert entered.errors == {"output.limit": "12 is under 500", "output": "Incomplete"}


def test_build__defaults__fill_only_a_new_form() -> None:
    schema = {"properties": {"days": {"type": "integer", "default": 14}}}

    assert schema_form.build(schema)[0].text == "14"
    assert schema_form.build(schema, value={})[0].text == ""


def test_build__spare_row__has_no_default_that_would_make_it_an_entry() -> None:
    item = {"type": "object", "properties": {"count": {"type": "integer", "default": 1}}}
    schema = {"properties": {"rows": {"type": "array", "items": item}}}

    assert schema_form.parse(schema, sent(schema_form.build(schema))) == {}


@pytest.mark.parametrize(
    "prop",
    [
        {"type": "object", "additionalProperties": {"type": "number"}},
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        {"type": ["string", "integer"]},
        {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"type": "string"}}}]},
        {"$ref": "#/$defs/nowhere"},
        True,
    ],
)
def test_build__no_control_of_its_own__is_entered_as_json(prop: Any) -> None:
    schema = {"properties": {"any": prop}}
    value = {"any": {"a": [1, 2.5, None, "x"]}}

    controls = schema_form.build(schema, value=value)

    assert controls[0].kind == "json"
    assert schema_form.parse(schema, sent(controls)) == value
    assert schema_form.parse(schema, posted(any="{not json"))["any"] == "{not json"


def test_build__schema_that_points_at_itself__ends() -> None:
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "below": {"type": "array", "items": {"$ref": "#"}}},
    }
    value = {"name": "a", "below": [{"name": "b", "below": [{"name": "c"}]}]}

    assert schema_form.parse(tree, sent(schema_form.build(tree, value=value))) == value


def test_build__one_alternative_beside_null__is_that_alternative_and_may_be_empty() -> None:
    schema = {
        "required": ["date"],
        "properties": {"date": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}},
    }

    assert schema_form.build(schema)[0].input_type == "date"
    assert schema_form.parse(schema, posted(date="")) == {"date": None}


def test_build__constants_that_look_alike__stay_apart() -> None:
    schema = {"properties": {"code": {"enum": ["1", 1, True, "true"]}}}

    for value in ("1", 1, True, "true"):
        found = schema_form.parse(schema, sent(schema_form.build(schema, value={"code": value})))["code"]
        assert (found, type(found)) == (value, type(value))


def test_control_template__every_kind__renders_label_hint_and_error_by_id() -> None:
    errors = {"output.limit": "Enter <500> or more"}
    controls = schema_form.build(CREDIT, value={"letter": "<b>&"}, errors=errors)

    html = "".join(render_to_string("components/control.html", {"control": one}) for one in controls)

    assert 'id="f-output-limit-e"' in html
    assert 'aria-describedby="f-output-limit-h f-output-limit-e"' in html
    assert "Enter &lt;500&gt; or more" in html
    assert "&lt;b&gt;&amp;" in html
    assert html.count("<label") >= 7


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=12)
NUMBER = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
SCALARS: list[tuple[dict[str, Any], st.SearchStrategy[Any]]] = [
    ({"type": "string"}, TEXT),
    ({"type": "string", "maxLength": 900}, TEXT),
    ({"type": "integer"}, st.integers()),
    ({"type": "number"}, NUMBER),
    ({"type": "boolean"}, st.booleans()),
    ({"enum": ["a", "b_c", 3, 4.5, False]}, st.sampled_from(["a", "b_c", 3, 4.5, False])),
    ({"oneOf": [{"const": "x", "title": "X"}, {"const": "y"}], "x-control": "radios"}, st.sampled_from(["x", "y"])),
    ({"const": "fixed"}, st.just("fixed")),
    ({"type": "array", "items": {"type": "string"}}, st.lists(TEXT, min_size=1, max_size=3)),
    ({"type": "array", "items": {"type": "number"}}, st.lists(NUMBER, min_size=1, max_size=3)),
    ({"type": "array", "items": {"enum": ["p", "q", "r"]}}, st.sampled_from([["p"], ["p", "r"], ["p", "q", "r"]])),
    ({"type": ["string", "null"]}, st.one_of(st.none(), TEXT)),
    ({"type": ["boolean", "null"]}, st.sampled_from([True, False, None])),
    ({}, st.one_of(NUMBER, TEXT, st.lists(TEXT), st.dictionaries(TEXT, NUMBER))),
]


@st.composite
def documents(draw: st.DrawFn, depth: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw an object schema and a document of it; an object in it always holds a text, so that it is no empty row."""
    properties: dict[str, Any] = {"name": {"type": "string"}}
    value: dict[str, Any] = {"name": draw(TEXT)}
    for index in range(draw(st.integers(0, 4))):
        name = f"member_{index}"
        shape = draw(st.sampled_from(["scalar", "scalar", "group", "rows"] if depth < 2 else ["scalar"]))
        if shape == "group":
            properties[name], value[name] = draw(documents(depth=depth + 1))
        elif shape == "rows":
            inner, first = draw(documents(depth=depth + 1))
            properties[name], value[name] = {"type": "array", "items": inner}, [first]
        else:
            properties[name], strategy = draw(st.sampled_from(SCALARS))
            value[name] = draw(strategy)
    return {"type": "object", "required": list(properties), "properties": properties}, value


@given(documents())
def test_form__sent_unchanged__gives_back_the_document(case: tuple[dict[str, Any], dict[str, Any]]) -> None:
    schema, value = case

    assert schema_form.parse(schema, sent(schema_form.build(schema, value=value))) == value


@given(documents())
def test_form__shown_again_after_a_fault__is_the_same_form(case: tuple[dict[str, Any], dict[str, Any]]) -> None:
    schema, value = case
    first = sent(schema_form.build(schema, value=value))

    again = sent(schema_form.build(schema, posted=first, errors={"output.name": "Wrong"}))

    assert schema_form.parse(schema, again) == value


def test_build__decimal_comma__is_kept_and_refused_with_the_mend() -> None:
    form = posted(limit="6,5")
    found = flat(schema_form.build(CREDIT, posted=form, errors={"output.limit": "Enter a number."}))["output.limit"]
    assert (found.text, found.error) == ("6,5", "Enter a number. Write decimals with a point: 6.5.")


def test_build__examples__stand_beside_the_field() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "number", "minimum": 1, "examples": [150, 300, [1]]}}}
    assert schema_form.build(schema)[0].limits == "at least 1, for example 150 or 300"
