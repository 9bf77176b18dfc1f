"""What a request asks the database does not grow with the data, and stays below a ceiling that one notices."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from corrections.models import Task
from policies.models import PolicyVersion
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from tests.factories import feedback, learning, serving

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 300


@dataclass
class Room:
    """A review room with a pile of work, and somebody who works in it."""

    made: feedback.Room
    client: Client
    key: str
    task_id: UUID
    decision_id: UUID

    def decide(self, document: dict[str, Any], **headers: str) -> HttpResponse:
        """Ask the agent for a decision."""
        body = json.dumps({"input": document})
        return Client().post(self.made.world.url, body, "application/json", headers={**self.made.world.auth, **headers})

    def api(self, method: str, path: str, body: dict[str, Any] | None = None) -> HttpResponse:
        """Ask the review API as Amina's program."""
        content = json.dumps(body) if body is not None else ""
        headers = {"Authorization": f"Bearer {self.key}"}
        return Client().generic(method, f"/api/v1/{path}", content, "application/json", headers=headers)


Ask = Callable[[Room], HttpResponse]


@pytest.fixture(scope="module")
def _rooms(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield [_room(f"room-{size}", size) for size in (FEW, MANY)]
        transaction.set_rollback(True)


@pytest.fixture
def rooms(_rooms, db) -> list[Room]:
    """The same room twice: with little and with much waiting in it."""
    return _rooms


def _room(slug: str, size: int) -> Room:
    made = feedback.room(slug=slug)
    tasks = feedback.waiting(made, size)
    client = Client()
    amina = serving.person(f"amina-{slug}", "reviewer", "agent_developer", agent=made.world.agent)
    client.force_login(amina)
    return Room(made, client, serving.personal_key(amina, "review"), tasks[0].pk, tasks[0].decision_id)


def _count(ask: Callable[[], HttpResponse], *expected: int) -> int:
    """Ask once so that caches are warm, then count what the second request asks the database."""
    assert ask().status_code in expected
    with CaptureQueriesContext(connection) as asked:
        assert ask().status_code in expected
    return len([query for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))])


def _same(rooms: list[Room], ask: Ask, ceiling: int, *expected: int) -> None:
    few, many = (_count(lambda room=room: ask(room), *(expected or (200,))) for room in rooms)

    assert many == few
    assert many <= ceiling, f"{many} queries, at most {ceiling}"


def test_decision__asked_for(rooms):
    _same(rooms, lambda room: room.decide(serving.GOOD_INPUT), 2, 201)


def test_decision__flagged(rooms):
    _same(rooms, lambda room: room.decide(serving.UNSURE_INPUT), 4, 201)


def test_decision__asked_for_again_with_its_key(rooms):
    # Its row is tried at once, so that a first request asks nothing before; a repeat pays for that.
    _same(rooms, lambda room: room.decide(serving.GOOD_INPUT, **{"Idempotency-Key": "order-1"}), 5, 200, 201)


def test_home(rooms):
    _same(rooms, lambda room: room.client.get("/"), 19)


def test_queue_page(rooms):
    _same(rooms, lambda room: room.client.get(f"/queues/{room.made.standard.pk}/"), 8)


def test_workbench(rooms):
    _same(rooms, lambda room: room.client.get(f"/tasks/{room.task_id}/"), 9)


def test_claim__most_urgent(rooms):
    def ask(room: Room) -> HttpResponse:
        Task.objects.update(lease_holder=None, lease_until=None)
        return room.client.post(f"/queues/{room.made.standard.pk}/next")

    _same(rooms, ask, 4, 302)


def test_api_claim(rooms):
    def ask(room: Room) -> HttpResponse:
        Task.objects.update(lease_holder=None, lease_until=None)
        return room.api("POST", f"queues/{room.made.standard.pk}/claim")

    # One of them is the test's own.
    _same(rooms, ask, 3)


def test_api_read(rooms):
    _same(rooms, lambda room: room.api("GET", f"tasks/{room.task_id}"), 1)


def test_api_submit(rooms):
    entry = {
        "verdict": "correct",
        "output": {"action": "decline"},
        "reason_code": "income",
        "justification": feedback.WORDS,
    }

    def ask(room: Room) -> HttpResponse:
        task = Task.objects.filter(queue=room.made.standard, state="open").latest("priority")
        holder = User.objects.get(username=f"amina-{room.made.world.agent.slug}")
        Task.objects.filter(pk=task.pk).update(lease_holder=holder, lease_until=clock.now(), lease_token=1)
        return room.api("POST", f"tasks/{task.pk}/corrections", {**entry, "token": 1})

    # Three of them are the test's own.
    _same(rooms, ask, 5, 201)


def test_decisions_page(rooms):
    _same(rooms, lambda room: room.client.get("/decisions/"), 9)


def test_decision_page(rooms):
    _same(rooms, lambda room: room.client.get(f"/decisions/{room.decision_id}/"), 11)


def test_releases_page():
    school = learning.school()
    learning.base(school)
    client = Client()
    client.force_login(school.builder)

    few = _count(lambda: client.get("/releases/"), 200)
    _more_versions(PolicyVersion.objects.order_by("number").first(), 40)
    many = _count(lambda: client.get("/releases/"), 200)

    assert many == few
    assert many <= 25


def _more_versions(first: PolicyVersion, count: int) -> None:
    shared: dict[str, Any] = {
        field.attname: getattr(first, field.attname)
        for field in PolicyVersion._meta.concrete_fields
        if field.attname not in {"id", "number", "state", "created_at"}
    }
    PolicyVersion.objects.bulk_create(
        PolicyVersion(number=100 + at, state=PolicyVersion.State.SUPERSEDED, **shared) for at in range(count)
    )
