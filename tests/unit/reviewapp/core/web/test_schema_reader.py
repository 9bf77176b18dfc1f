"""What an empty control means: left out, null and empty are three things."""

from typing import Any

import pytest

from reviewapp.core.web import schema_form
from tests.unit.reviewapp.core.web.test_schema_form import posted, sent

EMPTIES: dict[str, Any] = {
    "type": "object",
    "required": ["note"],
    "properties": {
        "note": {"type": "string"},
        "limit": {"type": ["number", "null"]},
        "mail": {"type": ["string", "null"]},
        "tags": {"type": ["array", "null"], "items": {"type": "string"}},
        "home": {"anyOf": [{"type": "object", "properties": {"city": {"type": "string"}}}, {"type": "null"}]},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "number"}}}},
        "level": {"enum": [1, 2, None]},
    },
}


@pytest.mark.parametrize(
    "held",
    [
        {"note": ""},
        {"note": "", "limit": None, "mail": None, "tags": None, "home": None, "level": None},
        {"note": "", "mail": "", "tags": [], "home": {}, "parts": []},
        {"note": "x", "limit": 0, "mail": "a", "tags": ["b"], "home": {"city": "c"}, "parts": [{"a": 1}], "level": 2},
    ],
)
def test_parse__untouched__absent_null_and_empty_stay_what_they_were(held: dict[str, Any]) -> None:
    assert schema_form.parse(EMPTIES, sent(schema_form.build(EMPTIES, value=held))) == held


@pytest.mark.parametrize(("said", "document"), [("absent", {}), ("null", {"mail": None}), ("empty", {"mail": ""})])
def test_parse__emptied__means_what_the_person_says(said: str, document: dict[str, Any]) -> None:
    form = posted(note="x", mail="")
    form["output.mail~"] = said
    assert schema_form.parse(EMPTIES, form) == {"note": "x", **document}


def test_parse__meaning_that_the_schema_forbids__is_not_taken() -> None:
    form = posted(note="")
    form["output.note~"] = "absent"
    assert schema_form.parse(EMPTIES, form) == {}
    form["output.note~"] = "null"
    assert schema_form.parse(EMPTIES, form) == {}
