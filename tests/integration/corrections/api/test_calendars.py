"""Calendars by the API."""

import pytest

from reviewapp.core.accounts import services
from tests.factories.feedback import room
from tests.factories.serving import person

pytestmark = pytest.mark.django_db
BODY = {"name": "Berlin", "time_zone": "Europe/Berlin", "hours": {"mon": ["09:00-17:00"]}, "queues": ["review"]}


@pytest.fixture
def asks(client):
    made = room()

    def asked(role, method, path="", body=None, name="olu"):
        who = person(name, role)
        _, key = services.issue_key(name="desk", scopes=["review", "read"], user=who, by=who)
        sent = {"data": body, "content_type": "application/json"} if body is not None else {}
        base = f"/api/v1/agents/{made.world.agent.slug}/calendars"
        return getattr(client, method)(base + path, headers={"Authorization": f"Bearer {key}"}, **sent)

    return asked


def test_put__operator__makes_it_and_get_lists_it(asks):
    answer = asks("operator", "put", "/berlin", BODY)
    assert (answer.status_code, answer.json()) == (200, {**BODY, "code": "berlin", "holidays": []})
    assert asks("reviewer", "get", name="ada").json() == [answer.json()]


def test_put__reviewer__is_refused(asks):
    assert asks("reviewer", "put", "/berlin", BODY).status_code == 403


@pytest.mark.parametrize(
    ("change", "path"),
    [({"hours": {"mon": ["9"]}}, "hours.mon"), ({"time_zone": "X"}, "time_zone"), ({"more": 1}, "more")],
)
def test_put__bad_body__names_the_member(asks, change, path):
    answer = asks("operator", "put", "/berlin", {**BODY, **change})
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == [path]
