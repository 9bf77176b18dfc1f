"""Alternatives that are objects: one is chosen, its fields are drawn, and what was typed into the others stays."""

from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from reviewapp.core.web import schema_form
from tests.unit.reviewapp.core.web.test_schema_form import flat, sent

PAID: dict[str, Any] = {
    "type": "object",
    "properties": {
        "pay": {
            "title": "Payment",
            "oneOf": [
                {
                    "title": "By card",
                    "type": "object",
                    "required": ["by", "number"],
                    "properties": {"by": {"const": "card"}, "number": {"type": "string"}},
                },
                {"$ref": "#/$defs/transfer"},
                {"type": "null"},
            ],
        }
    },
    "$defs": {
        "transfer": {
            "type": "object",
            "required": ["by", "iban"],
            "properties": {
                "by": {"const": "transfer"},
                "iban": {"type": "string"},
                "days": {"type": "array", "items": {"type": "integer"}},
            },
        }
    },
}
CARD = {"pay": {"by": "card", "number": "42"}}
TRANSFER = {"pay": {"by": "transfer", "iban": "DE00", "days": [1, 15]}}


@pytest.mark.parametrize("held", [CARD, TRANSFER, {"pay": None}, {}])
def test_parse__untouched__comes_back_as_it_was(held: dict[str, Any]) -> None:
    assert schema_form.parse(PAID, sent(schema_form.build(PAID, value=held))) == held


def test_build__value__picks_its_variant_and_draws_its_fields() -> None:
    found = flat(schema_form.build(PAID, value=TRANSFER))
    assert found["output.pay"].kind == "variants"
    assert [(one.title, one.chosen) for one in found["output.pay"].choices] == [("By card", False), ("Transfer", True)]
    assert set(found) == {"output.pay", "output.pay.by", "output.pay.iban", "output.pay.days"}


def test_switch__there_and_back__keeps_what_was_typed() -> None:
    form = sent(schema_form.build(PAID, value=TRANSFER))
    form["output.pay.iban"] = "DE77"
    form["output.pay@"] = "0"
    assert schema_form.parse(PAID, form) == {"pay": {"by": "card"}}
    other = sent(schema_form.build(PAID, posted=form))
    other["output.pay.number"] = "99"
    assert schema_form.parse(PAID, other) == {"pay": {"by": "card", "number": "99"}}
    other["output.pay@"] = "1"
    back = sent(schema_form.build(PAID, posted=other))
    assert schema_form.parse(PAID, back) == {"pay": {"by": "transfer", "iban": "DE77", "days": [1, 15]}}
    back["output.pay@"] = "0"
    again = schema_form.parse(PAID, sent(schema_form.build(PAID, posted=back)))
    assert again == {"pay": {"by": "card", "number": "99"}}


def test_parse__choice_that_is_none__is_left_out() -> None:
    assert schema_form.parse(PAID, QueryDict("output.pay@=7&output.pay.by=card")) == {}


def test_template__variants__are_labelled_and_their_errors_at_the_field() -> None:
    errors = {"output.pay.number": "Enter digits."}
    (control,) = schema_form.build(PAID, value=CARD, errors=errors)
    html = render_to_string("components/control.html", {"control": control})
    assert 'aria-label="Payment: which one"' in html
    assert 'id="f-output-pay-number-e"' in html


def test_build__alternatives_that_are_not_all_objects__stay_json() -> None:
    odd = {
        "type": "object",
        "properties": {"x": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"a": {}}}]}},
    }
    assert schema_form.build(odd)[0].kind == "json"
