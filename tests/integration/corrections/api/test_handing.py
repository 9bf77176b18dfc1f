"""Handing a task over by the API."""

import pytest

from corrections.models import Task
from corrections.services import tasks
from reviewapp.core.accounts import services
from tests.factories.feedback import room, waiting
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    made, ada = room(), person("ada", "reviewer")
    waiting(made, 1)
    person("bo", "reviewer")
    lease = tasks.claim(queue_id=made.standard.pk, by=ada)
    _, key = services.issue_key(name="desk", scopes=["review", "read"], user=ada, by=ada)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    client.path, client.token = f"/api/v1/tasks/{lease.task_id}", lease.token
    return client


def test_hand_over__works_and_says_who_holds_it(desk):
    assert desk.get(f"{desk.path}/colleagues").json() == [{"username": "bo", "name": "Bo Test"}]
    draft = {"token": desk.token, "body": {"justification": "Begun."}}
    assert desk.put(f"{desk.path}/draft", draft, content_type="application/json").status_code == 200
    sent = {"token": desk.token, "to": "bo", "note": "Yours."}
    answer = desk.post(f"{desk.path}/hand-over", sent, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"receiver": "Bo Test", "draft_copied": True})
    assert Task.objects.get().lease_holder.username == "bo"
    again = desk.post(f"{desk.path}/hand-over", sent, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "lease_lost")


@pytest.mark.parametrize(("sent", "path"), [({"to": "nobody"}, "to"), ({}, "to"), ({"to": "bo", "extra": 1}, "extra")])
def test_hand_over__bad_body__names_the_member(desk, sent, path):
    answer = desk.post(f"{desk.path}/hand-over", {"token": desk.token, **sent}, content_type="application/json")
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == [path]
