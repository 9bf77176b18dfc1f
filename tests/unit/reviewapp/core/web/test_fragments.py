"""A page and its fragment come from one template."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from reviewapp.core.web import fragments


@pytest.mark.parametrize(
    ("htmx", "part"),
    [
        (False, False),
        (SimpleNamespace(boosted=False, history_restore_request=False), True),
        (SimpleNamespace(boosted=True, history_restore_request=False), False),
        (SimpleNamespace(boosted=False, history_restore_request=True), False),
    ],
)
def test_wants_fragment__only_a_plain_htmx_request(htmx: Any, part: bool) -> None:
    made = RequestFactory().get("/")
    made.htmx = htmx  # type: ignore[attr-defined]

    assert fragments.wants_fragment(made) is part


def test_wants_fragment__request_that_no_middleware_has_seen__is_a_page() -> None:
    assert fragments.wants_fragment(RequestFactory().get("/")) is False


def test_toast__twice__keeps_other_triggers_and_letters() -> None:
    response = HttpResponse(headers={"HX-Trigger": json.dumps({"moved": True})})

    fragments.toast(response, "Zurück gelegt", undo="/tasks/1/undo")

    assert json.loads(response.headers["HX-Trigger"]) == {
        "moved": True,
        "toast": {"title": "Zurück gelegt", "text": "", "tone": "positive", "undo": "/tasks/1/undo"},
    }


def test_as_problem__answer__goes_to_the_top_of_the_page() -> None:
    assert fragments.as_problem(HttpResponse()).headers["HX-Retarget"] == "#problem"
