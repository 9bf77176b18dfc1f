"""Messages to webhooks: written with the event, sent until they arrive or days have passed.

At least once: a sender takes a message for a minute, so one that dies in the middle only delays it; receivers tell a
repeat by its `webhook-id`.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from agents.models import Amendment, Deadline, Decision, Resolution, WebhookDelivery, WebhookEndpoint
from agents.runtime import webhooks
from agents.selectors import answers, contracts
from agents.services import webhook_secrets
from reviewapp.core import clock, events, ids, outgoing
from reviewapp.core.errors import Unavailable
from reviewapp.core.outgoing import Outcome

events.external("webhook.given_up")

_GONE = 410
_REMOVED = WebhookEndpoint.State.REMOVED
# Longer than any sending takes.
_HELD = timedelta(seconds=60)
_AT_ONCE = 16
_PER_ENDPOINT, _WHEN_FAILING = 8, 1
_TURN_SECONDS = 5.0
_CHANCE = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Sending:
    """One message as it goes out."""

    id: UUID
    url: str
    headers: dict[str, str]
    body: bytes


@transaction.atomic
def enqueue(*, event_id: UUID, kind: str, decision_id: UUID, at: datetime, amendment: UUID | None = None) -> int:
    """Write the message of an event about a decision for every endpoint of its agent; idempotent; return how many.

    `kind` is "decision.resolved", "decision.amended" with its `amendment`, or "decision.timed_out", of which only those are
    told that left the case to people: the others are followed by their answer. An event older than messages are kept is not sent: nobody could tell any more
    whether it was.
    """
    kept = settings.WEBHOOK_RETENTION_DAYS
    if kept and at <= clock.now() - timedelta(days=kept):
        return 0
    # Most agents have no endpoint: one query tells.
    owner = Decision.objects.filter(pk=decision_id).values("agent_id")
    endpoints = list(_locked(WebhookEndpoint.objects.filter(agent_id__in=owner).exclude(state=_REMOVED)).order_by("pk"))
    if not endpoints:
        return 0
    decision = Decision.objects.select_related("agent").get(pk=decision_id)
    data = _data(kind, decision, amendment)
    if data is None:
        return 0
    body = _body(decision.agent.slug, event_id, kind, str(decision_id), at, data)
    made = [_message(endpoint, event_id, kind, body) for endpoint in endpoints]
    WebhookDelivery.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Write a message that says nothing. Inside the caller's transaction."""
    event_id, at = ids.uuid7(), clock.now()
    data = {"text": "This is a test. If its signature holds, answers will too."}
    body = _body(endpoint.agent.slug, event_id, "webhook.test", str(endpoint.pk), at, data)
    message = _message(endpoint, event_id, "webhook.test", body)
    message.save(force_insert=True)
    return message


def send_due(*, now: datetime, by: events.Actor) -> int:
    """Send what is due at `now`, side by side, for some seconds at most; return how many were sent.

    One sender at a time: two turns that wait for receivers that hang would keep both workers from everything else.
    """
    began, sent = time.monotonic(), 0
    with _alone() as alone:
        while alone and (passed := time.monotonic() - began) < _TURN_SECONDS:
            outcomes = _send_batch(now + timedelta(seconds=passed), by)
            sent += len(outcomes)
            if not any(outcome.good for outcome in outcomes):
                break
    return sent


def _send_batch(now: datetime, by: events.Actor) -> list[Outcome]:
    batch = _take(now)
    if not batch:
        return []
    # The threads touch no database: what they need was read, and what came of it is written here.
    with ThreadPoolExecutor(max_workers=len(batch)) as pool:
        outcomes = list(pool.map(_send, batch))
    for sending, outcome in zip(batch, outcomes, strict=True):
        settle(delivery_id=sending.id, outcome=outcome, by=by)
    return outcomes


@contextmanager
def _alone() -> Iterator[bool]:
    # Held by the connection: a sender that is killed lets go of it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('agents_webhooks'))")
        alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('agents_webhooks'))")


@transaction.atomic
def settle(*, delivery_id: UUID, outcome: Outcome, by: events.Actor) -> None:
    """Write down what came of a sending: delivered, to be tried again, or given up.

    An endpoint that is gone (410), or has failed for days without one success, is switched off.
    """
    endpoint = _locked(WebhookEndpoint.objects.filter(deliveries=delivery_id)).select_related("agent").get()
    row = WebhookDelivery.objects.select_for_update().get(pk=delivery_id)
    if row.state != WebhookDelivery.State.PENDING:
        return
    now = clock.now()
    row.last_status, row.last_error = outcome.status, outcome.error[:300]
    if outcome.good:
        row.state, row.closed_at = WebhookDelivery.State.DELIVERED, now
        endpoint.failing_since = endpoint.probe_at = None
    else:
        # A receiver that says when to come back is believed.
        asked = outcome.retry_after or 0.0
        endpoint.failing_since = since = endpoint.failing_since or now
        endpoint.probe_at = now + max(_seconds(webhooks.probe, (now - since).total_seconds()), timedelta(seconds=asked))
        if row.attempts >= webhooks.ATTEMPTS or outcome.status == _GONE:
            _give_up(row, endpoint, now, by)
        else:
            row.next_attempt_at = now + max(_seconds(webhooks.delay, row.attempts), timedelta(seconds=asked))
        too_long = now - since >= timedelta(days=settings.WEBHOOK_DISABLE_DAYS)
        if endpoint.state == WebhookEndpoint.State.ACTIVE and (too_long or outcome.status == _GONE):
            _disable(endpoint, outcome, by)
    row.save(update_fields=["state", "closed_at", "last_status", "last_error", "next_attempt_at"])
    endpoint.save(update_fields=["state", "failing_since", "probe_at"])


def _locked(endpoints: QuerySet[WebhookEndpoint]) -> QuerySet[WebhookEndpoint]:
    # Always before the messages, so that nobody waits crosswise; and one that is being removed gets no new message.
    return endpoints.select_for_update(of=("self",), no_key=True)


def _seconds(spread: Callable[..., float], measure: float) -> timedelta:
    return timedelta(seconds=spread(measure, share=_CHANCE.random()))


def _give_up(row: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime, by: events.Actor) -> None:
    row.state, row.closed_at = WebhookDelivery.State.DEAD, now
    subject = ("webhook", str(endpoint.pk))
    data = {"delivery": str(row.pk), "attempts": row.attempts}
    events.record("webhook.given_up", subject=subject, actor=by, scope=endpoint.agent.slug, data=data)


def _disable(endpoint: WebhookEndpoint, outcome: Outcome, by: events.Actor) -> None:
    endpoint.state = WebhookEndpoint.State.DISABLED
    subject = ("webhook", str(endpoint.pk))
    data = {"status": outcome.status}
    events.record("webhook.disabled", subject=subject, actor=by, scope=endpoint.agent.slug, data=data)


@transaction.atomic
def _take(now: datetime) -> list[Sending]:
    """Take what is due for a minute: a sender that dies in the middle only makes it wait so long."""
    taken: list[Sending] = []
    due = WebhookDelivery.objects.filter(state="pending", next_attempt_at__lte=now)
    open_now = Q(probe_at__isnull=True) | Q(probe_at__lte=now)
    # Asked of each endpoint by itself: the backlog of one that is paused is not read.
    waiting = WebhookEndpoint.objects.filter(open_now, Exists(due.filter(endpoint=OuterRef("pk"))), state="active")
    # In another order each time, and few from one that fails: no receiver holds up everybody else's messages.
    for endpoint in waiting.order_by("?")[:_AT_ONCE]:
        few = _WHEN_FAILING if endpoint.failing_since else _PER_ENDPOINT
        own = due.select_for_update(of=("self",), skip_locked=True).select_related("endpoint").filter(endpoint=endpoint)
        for row in own.order_by("next_attempt_at")[: min(few, _AT_ONCE - len(taken))]:
            row.attempts, row.next_attempt_at = row.attempts + 1, now + _HELD
            row.save(update_fields=["attempts", "next_attempt_at"])
            taken.append(_sending(row, now))
    return taken


def _sending(row: WebhookDelivery, now: datetime) -> Sending:
    endpoint, body = row.endpoint, row.body.encode()
    try:
        keys = [webhook_secrets.unseal(endpoint.secret)]
        if endpoint.previous_until is not None and endpoint.previous_until > now:
            keys.append(webhook_secrets.unseal(endpoint.previous_secret))
    except Unavailable:
        # Unsigned it must not go: without headers it is not sent, and the row says why.
        return Sending(row.pk, endpoint.url, {}, body)
    headers = webhooks.headers(keys, message_id=row.webhook_id, timestamp=int(now.timestamp()), body=body)
    return Sending(row.pk, endpoint.url, headers, body)


def _send(sending: Sending) -> Outcome:
    if not sending.headers:
        return Outcome(None, "The secret cannot be read: KEY_PEPPER has changed. Rotate the secret.")
    return outgoing.post(sending.url, headers=sending.headers, body=sending.body)


def _message(endpoint: WebhookEndpoint, event_id: UUID, kind: str, body: str) -> WebhookDelivery:
    now = clock.now()
    off = endpoint.state == WebhookEndpoint.State.DISABLED
    return WebhookDelivery(
        id=ids.uuid7(),
        endpoint=endpoint,
        event_id=event_id,
        type=f"countersign.{kind}",
        body=body,
        # Kept, so that it can be sent again once somebody has mended the endpoint.
        state=WebhookDelivery.State.DEAD if off else WebhookDelivery.State.PENDING,
        closed_at=now if off else None,
        last_error="The address was switched off." if off else "",
        next_attempt_at=now,
        created_at=now,
    )


def _data(kind: str, decision: Decision, amendment: UUID | None) -> dict[str, Any] | None:
    if amendment is not None:
        row = Amendment.objects.select_related("resolution").get(pk=amendment)
        answer = answers.outcome(decision, row.resolution, decision.agent.slug) or {}
        return {**answer, "amendment": answers.amendment(row)}
    if kind == "decision.resolved":
        return answers.outcome(decision, Resolution.objects.get(decision=decision), decision.agent.slug)
    waiting = Deadline.objects.filter(pk=decision.pk, outcome=Deadline.Outcome.REVIEW).first()
    if waiting is None:
        return None
    return {
        "decision": str(decision.pk),
        "agent": decision.agent.slug,
        "case_ref": decision.case_ref,
        "contract": {"version": contracts.by_id(decision.contract_id).version},
        "due_at": waiting.due_at.isoformat().replace("+00:00", "Z"),
        "do": waiting.outcome,
    }


def _body(slug: str, event_id: UUID, kind: str, subject: str, at: datetime, data: Mapping[str, Any]) -> str:
    source = f"{settings.WEB_ORIGIN}/api/v1/agents/{slug}"
    kind = f"countersign.{kind}"
    made = webhooks.envelope(event_id=str(event_id), kind=kind, source=source, subject=subject, at=at, data=data)
    return orjson.dumps(made).decode()
