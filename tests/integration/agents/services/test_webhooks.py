"""Webhooks against a real receiver that takes, fails, hangs, redirects and goes away."""

import contextlib
import json
import time
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import resolve

from agents.models import Resolution, WebhookDelivery, WebhookEndpoint
from agents.runtime import webhooks as wire
from agents.sdk import webhooks as sdk
from agents.selectors import answers
from agents.services import deliveries, resolutions, timeouts, webhook_secrets, webhooks
from reviewapp.core import clock, ids
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from reviewapp.core.notices.models import Notice
from tests.factories import feedback
from tests.factories.feedback import Room
from tests.factories.receivers import Receiver
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Room:
    return feedback.room()


def _added(made: Room, receiver: Receiver) -> tuple[WebhookEndpoint, str]:
    return webhooks.add(agent_id=made.world.agent.pk, url=receiver.url, by=person("dana", "agent_developer"))


def _answered(made: Room) -> Any:
    decision = feedback.flagged(made)
    resolutions.resolve(decision_id=decision.pk, output={"action": "decline"}, source="review", by=actors.SYSTEM)
    feedback.hand_on()
    return decision


def _send(later: timedelta = timedelta()) -> int:
    return deliveries.send_due(now=clock.now() + later, by=actors.SYSTEM)


def _only() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_answer__is_sent_once_signed_and_as_a_cloudevent(made: Room, receiver: Receiver) -> None:
    _, secret = _added(made, receiver)
    decision = _answered(made)
    event = Event.objects.get(type="decision.resolved")
    deliveries.enqueue(event_id=event.pk, kind=event.type, decision_id=decision.pk, at=event.recorded_at)

    assert [_send(), _send()] == [1, 0]
    ((path, headers, body),) = receiver.got
    assert path == "/hook"
    signed = wire.signature(
        secret, message_id=headers["webhook-id"], timestamp=int(headers["webhook-timestamp"]), body=body
    )
    assert headers["webhook-signature"] == signed
    assert headers["content-type"].startswith("application/cloudevents+json")
    told = json.loads(body)
    assert (told["specversion"], told["type"], told["id"]) == ("1.0", "countersign.decision.resolved", str(event.pk))
    assert told["subject"] == told["data"]["decision"] == str(decision.pk)
    assert told["data"]["output"] == {"action": "decline"}
    polled = answers.outcome(decision, Resolution.objects.get(decision=decision), decision.agent.slug)
    assert told["data"] == polled, "the same payload as the long poll and the stream"
    assert _only().state == "delivered"


def test_rotation__both_secrets_sign_until_it_is_over(made: Room, receiver: Receiver) -> None:
    endpoint, old = _added(made, receiver)
    new = webhooks.rotate(endpoint_id=endpoint.pk, by=endpoint.created_by)
    _answered(made)
    _send()
    _, headers, body = receiver.got[0]
    parts = {"message_id": headers["webhook-id"], "timestamp": int(headers["webhook-timestamp"]), "body": body}
    assert headers["webhook-signature"] == f"{wire.signature(new, **parts)} {wire.signature(old, **parts)}"
    for known in (old, new):
        event = sdk.verify(body, headers, secrets=known, now=time.time())
        assert event["type"] == "countersign.decision.resolved"
    WebhookEndpoint.objects.update(previous_until=clock.now())
    webhooks.test(endpoint_id=endpoint.pk, by=endpoint.created_by)
    _send()
    assert " " not in receiver.got[1][1]["webhook-signature"]


def test_secret__is_stored_unreadable(made: Room, receiver: Receiver, settings: Any) -> None:
    endpoint, secret = _added(made, receiver)
    assert secret not in endpoint.secret
    assert webhook_secrets.unseal(endpoint.secret) == secret
    settings.KEY_PEPPER = "another"
    _answered(made)
    _send()
    assert receiver.got == []
    assert "KEY_PEPPER" in _only().last_error


def test_failing_receiver__is_tried_again_with_the_same_id_and_bytes(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    receiver.status = 500
    _send()
    row = _only()
    assert (row.state, row.attempts, row.last_status) == ("pending", 1, 500)
    receiver.status = 200
    assert _send(timedelta(minutes=1)) == 1
    first, second = receiver.got
    assert (first[1]["webhook-id"], first[2]) == (second[1]["webhook-id"], second[2])
    assert _only().state == "delivered"


def test_retry_after__is_kept_to(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    receiver.status, receiver.extra = 503, {"Retry-After": "600"}
    _send()
    assert _only().next_attempt_at > clock.now() + timedelta(seconds=590)


def test_retry_after__as_a_date__is_kept_to(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    date = format_datetime(clock.now() + timedelta(seconds=600), usegmt=True)
    receiver.status, receiver.extra = 503, {"Retry-After": date}
    _send()
    assert _only().next_attempt_at > clock.now() + timedelta(seconds=585)


def test_hanging_receiver__is_given_up_on_in_time(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    receiver.sleeps = 1.5
    began = time.monotonic()
    _send()
    assert time.monotonic() - began < 1.4
    assert "No answer within" in _only().last_error


def test_failing_receiver__is_probed_with_one_message_not_with_its_whole_backlog(
    made: Room, receiver: Receiver
) -> None:
    endpoint, _ = _added(made, receiver)
    for _ in range(5):
        webhooks.test(endpoint_id=endpoint.pk, by=endpoint.created_by)
    receiver.status = 500
    assert _send() == 5
    assert _send(timedelta(seconds=1)) == 0, "it is left alone"
    assert _send(timedelta(minutes=2)) == 1
    receiver.status = 200
    WebhookEndpoint.objects.update(probe_at=clock.now())
    WebhookDelivery.objects.update(next_attempt_at=clock.now())
    assert _send() == 5, "one gets through, and the others follow in the same turn"
    assert WebhookEndpoint.objects.get().failing_since is None


def test_sender__while_another_is_at_work__leaves_it_to_that_one(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    with contextlib.closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('agents_webhooks'))")
        assert _send() == 0
        cursor.execute("SELECT pg_advisory_unlock(hashtext('agents_webhooks'))")
    assert _send() == 1


def test_removed__secret_is_forgotten_and_what_waited_is_given_up(made: Room, receiver: Receiver) -> None:
    endpoint, _ = _added(made, receiver)
    _answered(made)
    webhooks.remove(endpoint_id=endpoint.pk, by=endpoint.created_by)
    assert _send() == 0
    assert (_only().state, _only().last_error) == ("dead", "The address was removed.")
    assert WebhookEndpoint.objects.get().secret == ""
    _answered(made)
    assert WebhookDelivery.objects.count() == 1
    with pytest.raises(Conflict):
        webhooks.replay(delivery_id=_only().pk, by=endpoint.created_by)
    assert webhooks.replay_all(agent_id=made.world.agent.pk, by=endpoint.created_by) == 0
    with pytest.raises(IntegrityError, match="may not go"), transaction.atomic():
        WebhookEndpoint.objects.update(state="active", secret="x")


def test_redirect__is_not_followed(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    receiver.status, receiver.extra = 307, {"Location": "http://127.0.0.1:1/elsewhere"}
    _send()
    assert len(receiver.got) == 1
    assert "redirects to" in _only().last_error


def test_sender__killed_in_the_middle__message_goes_out_a_minute_later(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    assert len(deliveries._take(clock.now())) == 1, "taken, and the sender dies here"
    assert _send() == 0
    assert _send(timedelta(seconds=61)) == 1
    assert _only().state == "delivered"


def test_last_attempt__is_given_up_told_and_can_be_sent_again(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    receiver.status = 500
    WebhookDelivery.objects.update(attempts=wire.ATTEMPTS - 1)
    _send()
    assert _only().state == "dead"
    assert Event.objects.filter(type="webhook.given_up").count() == 1

    receiver.status = 200
    webhooks.replay(delivery_id=_only().pk, by=person("otto", "operator"))
    assert _send() == 1
    assert _only().state == "delivered"
    with pytest.raises(NotAllowed):
        webhooks.replay(delivery_id=_only().pk, by=person("amina", "reviewer"))
    with pytest.raises(Missing):
        webhooks.replay(delivery_id=_only().pk, by=person("nina"))


@pytest.mark.parametrize(("status", "days"), [(410, 0), (500, 6)])
def test_gone_or_failing_for_days__is_switched_off_told_and_can_be_resumed(
    made: Room, receiver: Receiver, status: int, days: int
) -> None:
    endpoint, _ = _added(made, receiver)
    _answered(made)
    if days:
        WebhookEndpoint.objects.update(failing_since=clock.now() - timedelta(days=days), probe_at=clock.now())
    receiver.status = status
    _send()
    assert WebhookEndpoint.objects.get().state == "disabled"
    assert Event.objects.filter(type="webhook.disabled").count() == 1
    feedback.hand_on()
    notice = Notice.objects.get(person=endpoint.created_by)
    assert notice.title == "A webhook of Lending was switched off"
    assert resolve(notice.path).url_name == "webhooks"
    with pytest.raises(Conflict):
        webhooks.test(endpoint_id=endpoint.pk, by=endpoint.created_by)
    webhooks.resume(endpoint_id=endpoint.pk, by=endpoint.created_by)
    assert WebhookEndpoint.objects.get().failing_since is None


def test_paused__answers_wait_and_go_out_afterwards(made: Room, receiver: Receiver) -> None:
    endpoint, _ = _added(made, receiver)
    webhooks.pause(endpoint_id=endpoint.pk, by=endpoint.created_by)
    _answered(made)
    assert _send() == 0
    webhooks.resume(endpoint_id=endpoint.pk, by=endpoint.created_by)
    assert _send() == 1


def test_overdue__left_to_people__is_told(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    decision = feedback.flagged(made)
    timeouts.fire_due(now=clock.now() + timedelta(hours=2), by=actors.SYSTEM)
    feedback.hand_on()
    _send()
    told = json.loads(receiver.got[0][2])
    assert (told["type"], told["data"]["do"]) == ("countersign.decision.timed_out", "review")
    assert told["data"]["decision"] == str(decision.pk)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[64:ff9b::a9fe:a9fe]/x",
        "https://[2002:7f00:1::]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://user:word@hooks.example/",
        "https://hooks.example/#x",
        "https://hooks.example:99999/",
        "https://ho oks.example/",
        "ftp://hooks.example/",
        "nonsense",
        "",
    ],
)
def test_add__address_that_must_not_be_sent_to__is_refused(made: Room, url: str) -> None:
    with pytest.raises(Invalid) as caught:
        webhooks.add(agent_id=made.world.agent.pk, url=url, by=person("dana", "agent_developer"))
    assert "url" in caught.value.fields


def test_answer__of_an_agent_without_endpoints__costs_one_query(made: Room, django_assert_num_queries: Any) -> None:
    decision = feedback.flagged(made)
    # The other two are its transaction's.
    with django_assert_num_queries(3):
        assert (
            deliveries.enqueue(event_id=ids.uuid7(), kind="decision.resolved", decision_id=decision.pk, at=clock.now())
            == 0
        )


def test_database__changed_bytes_or_a_second_message__are_refused(made: Room, receiver: Receiver) -> None:
    _added(made, receiver)
    _answered(made)
    with pytest.raises(IntegrityError, match="cannot change"), transaction.atomic():
        WebhookDelivery.objects.update(body="{}")
