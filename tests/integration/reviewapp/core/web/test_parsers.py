"""Bodies that are JSON to some and could not be kept."""

from typing import Any

import pytest
from django.test import Client

from corrections.models import Task
from tests.factories import feedback, serving

pytestmark = pytest.mark.django_db


def ask(raw: bytes) -> Any:
    room = feedback.room()
    amina = serving.person("amina", "reviewer", agent=room.world.agent)
    task = Task.objects.get(decision=feedback.flagged(room))
    return Client().put(
        f"/api/v1/tasks/{task.pk}/draft",
        raw,
        content_type="application/json",
        headers={"Authorization": f"Bearer {serving.personal_key(amina, 'review')}"},
    )


@pytest.mark.parametrize(
    "raw",
    [
        b'{"body": {"note": "\\u0000"}}',
        b'{"body": {"a\\u0000b": 1}}',
        b'{"body": {"list": [{"deep": "x\\u0000"}]}}',
    ],
)
def test_body__with_the_null_character__refused_where_it_stands(raw):
    answer = ask(raw)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["path"].startswith("body.")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"body": {"note": "\\ud800"}}',
        b'{"body": {"amount": NaN}}',
        b'{"body": {"amount": Infinity}}',
        b'{"body": {"note": "\xff"}}',
        b"{",
        b"[" * 100_000,
        b'{"body": {"list": ' + b"[" * 70 + b"]" * 70 + b"}}",
    ],
)
def test_body__no_json__is_a_400(raw):
    answer = ask(raw)

    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"


def test_body__too_large__refused_before_it_is_parsed(settings):
    settings.API_MAX_BYTES = 100

    assert ask(b'{"body": {"note": "' + b"x" * 100 + b'"}}').status_code == 413


def test_body__sound__is_kept():
    assert ask(b'{"body": {"note": "caf\\u00e9 \\ud83d\\ude00"}}').status_code == 200


@pytest.mark.parametrize("raw", [b"[1]", b'"text"', b"3", b"null"])
def test_body__no_object__is_a_422(raw):
    assert ask(raw).status_code == 422
