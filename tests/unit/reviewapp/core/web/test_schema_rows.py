"""The buttons beside the entries of a list move and remove them in the posted form."""

import pytest
from django.http import QueryDict

from reviewapp.core.web import schema_rows

FORM = "output.parts.0.a=x&output.parts.0.due~=absent&output.parts.1.a=y&output.parts.1.b=1&output.parts.1.b=2&output.parts.7.a=&other=1"


def arranged(button: str) -> tuple[dict[str, list[str]], str]:
    made, at = schema_rows.arranged(QueryDict(f"{FORM}&arrange={button}"))
    found = {name.removeprefix("output.parts."): values for name, values in made.lists() if name.startswith("output.")}
    return found, at


def test_arranged__up__entries_change_places_with_all_they_hold() -> None:
    found, at = arranged("up output.parts.1")
    assert found == {"1.a": ["x"], "1.due~": ["absent"], "0.a": ["y"], "0.b": ["1", "2"], "2.a": [""]}
    assert at == "output.parts.0"


def test_arranged__remove__what_follows_moves_up() -> None:
    found, at = arranged("remove output.parts.0")
    assert (found, at) == ({"0.a": ["y"], "0.b": ["1", "2"], "1.a": [""]}, "")


@pytest.mark.parametrize(
    "button", ["", "up output.parts.0", "down output.parts.7", "burn output.parts.1", "up x", "up"]
)
def test_arranged__what_cannot_be_done__leaves_the_form_alone(button: str) -> None:
    made, at = schema_rows.arranged(QueryDict(f"{FORM}&arrange={button}"))
    assert made.urlencode().startswith(FORM.partition("&")[0])
    assert at == ""
