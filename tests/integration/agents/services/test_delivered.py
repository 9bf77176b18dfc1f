"""Messages that arrived leave after their time; all others stay, and a late repeat of an event makes no new one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from agents.models import WebhookDelivery, WebhookEndpoint
from agents.services import delivered, deliveries, webhooks
from reviewapp.core import clock, ids
from reviewapp.core.accounts import actors
from reviewapp.core.events.models import Event
from tests.factories import feedback
from tests.factories.feedback import Room
from tests.factories.serving import person

pytestmark = pytest.mark.django_db
LATER = timedelta(days=31)


@pytest.fixture
def made() -> Room:
    return feedback.room()


@pytest.fixture
def endpoint(made: Room) -> WebhookEndpoint:
    found, _ = webhooks.add(
        agent_id=made.world.agent.pk, url="https://hooks.example/lending", by=person("dana", "agent_developer")
    )
    return found


def message(endpoint: WebhookEndpoint, state: str, at: datetime) -> WebhookDelivery:
    row: WebhookDelivery = WebhookDelivery.objects.create(
        endpoint=endpoint,
        event_id=ids.uuid7(),
        type="countersign.decision.resolved",
        body="{}",
        state=state,
        created_at=at,
        next_attempt_at=at,
        closed_at=None if state == "pending" else at,
    )
    return row


def test_forget_due__arrived_long_ago__leaves_with_an_event_and_nothing_else_does(endpoint: WebhookEndpoint) -> None:
    now = clock.now()
    old = [message(endpoint, state, now - LATER) for state in ("delivered", "dead", "pending")]
    fresh = message(endpoint, "delivered", now - timedelta(days=29))

    assert [delivered.forget_due(now=now, by=actors.SYSTEM) for _ in range(2)] == [1, 0]

    assert set(WebhookDelivery.objects.all()) == {*old[1:], fresh}
    (event,) = Event.objects.filter(type="webhook.forgotten")
    assert (event.subject_id, event.data["messages"]) == (str(endpoint.pk), 1)


def test_forget_due__days_set_to_0__keeps_all(endpoint: WebhookEndpoint, settings: Any) -> None:
    settings.WEBHOOK_RETENTION_DAYS = 0
    message(endpoint, "delivered", clock.now() - LATER)

    assert delivered.forget_due(now=clock.now(), by=actors.SYSTEM) == 0


def test_forget_due__more_than_one_turn_takes__all_leave(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivered, "_AT_ONCE", 2)
    for _ in range(5):
        message(endpoint, "delivered", clock.now() - LATER)

    assert delivered.forget_due(now=clock.now(), by=actors.SYSTEM) == 5


@pytest.mark.parametrize("state", ["dead", "pending"])
def test_database__message_that_did_not_arrive__is_not_deleted(endpoint: WebhookEndpoint, state: str) -> None:
    row = message(endpoint, state, clock.now())
    with pytest.raises(IntegrityError, match="keeps its rows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM agents_webhookdelivery WHERE id = %s", [row.pk])


def test_enqueue__event_older_than_messages_are_kept__is_not_sent_again(made: Room, endpoint: WebhookEndpoint) -> None:
    decision = feedback.flagged(made)
    asked = {"event_id": ids.uuid7(), "kind": "decision.resolved", "decision_id": decision.pk}

    assert deliveries.enqueue(**asked, at=clock.now() - LATER) == 0
    assert not WebhookDelivery.objects.exists()
