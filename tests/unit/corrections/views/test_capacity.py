"""How a queue copes, as its page tells it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from corrections.models import Task
from corrections.selectors import capacity
from corrections.services import tasks
from reviewapp.core import clock
from tests.factories.feedback import room, submit, waiting
from tests.factories.serving import person
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def path_of(made):
    return f"/queues/{made.standard.pk}/capacity/"


def test_capacity__works__counts_what_came_waits_and_is_held(made, sign):
    rows = waiting(made, 4)
    submit(rows[0], person("bo", "reviewer"))
    tasks.claim_one(task_id=rows[1].pk, by=person("cy", "reviewer"))
    Task.objects.filter(pk=rows[2].pk).update(due_at=clock.now() - timedelta(minutes=1))
    client = sign("reviewer")
    one = capacity.of(client.user, made.standard.pk, now=clock.now())
    # The hold of `bo` ended with the submission; the first of four deadlines is now, the third was set back.
    assert (one.arrived, one.closed, one.waiting, one.people) == (4, 1, 3, 1)
    assert one.overdue >= 1
    assert (one.arrivals[-1], one.done[-1], one.empty_in) == (4, 1, None)
    text = main(client.get(path_of(made)))
    assert "Never" in text
    assert "4 cases came in; most, 4, in the three hours from" in text
    assert text.count("<svg") >= 2


def test_capacity__nothing_waits__is_empty_now(made, sign):
    page = sign("auditor").get(path_of(made), headers=HTMX)
    assert "Nothing waits" in page.text
    assert "No cases came in" in page.text
    assert "<html" not in page.text


def test_capacity__other_tenant_bad_id_or_verb__refused(made, sign):
    other = sign("reviewer", agent=room(slug="other").world.agent)
    assert other.get(path_of(made)).status_code == 404
    assert other.get(f"/queues/{uuid4()}/capacity/").status_code == 404
    assert other.get("/queues/x/capacity/").status_code == 404
    assert other.post(path_of(made)).status_code == 405
