"""Webhook endpoints and their messages, as pages and the API show them. Never a secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import Count, QuerySet

from agents.models import Agent, WebhookDelivery, WebhookEndpoint
from agents.selectors import visible
from reviewapp.core.accounts import access
from reviewapp.core.errors import Missing

_MANAGE, _OPERATE = "agents.develop_agent", "agents.operate_agent"
_SHOWN, _LATEST = 50, 10
_TITLES = {
    "decision.resolved": "Answer",
    "decision.amended": "Amended",
    "decision.timed_out": "Late",
    "webhook.test": "Test",
}
# (value, words) of every state of a message.
STATES = WebhookDelivery.State.choices


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint. `rotating_until` is set while the old secret signs too."""

    id: UUID
    url: str
    description: str
    state: str
    state_label: str
    pending: int
    dead: int
    failing_since: datetime | None
    rotating_until: datetime | None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message, about a decision unless it is a test. `reply` is what the receiver said last, or why there was no answer."""

    id: UUID
    webhook_id: str
    endpoint_id: UUID
    decision_id: UUID | None
    type: str
    title: str
    url: str
    state: str
    state_label: str
    attempts: int
    status: int | None
    reply: str
    created_at: datetime
    next_attempt_at: datetime
    closed_at: datetime | None
    may_replay: bool

    @property
    def unanswered(self) -> bool:
        """Say whether it is on its way and nothing has come back yet, be it a fault."""
        return self.state == "pending" and self.status is None and not self.reply


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of messages, newest first; `after` is the key that continues it, None at the end."""

    rows: list[DeliveryRow]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class WebhookPage:
    """An agent's endpoints, the messages that were given up and can be sent again, and the latest of all.

    `moving` says that one of these waits for its first answer.
    """

    agent: Agent
    endpoints: list[EndpointRow]
    dead: list[DeliveryRow]
    dead_total: int
    latest: list[DeliveryRow]
    moving: bool
    may_manage: bool
    may_replay: bool


def page(asker: Any, slug: str, *, now: datetime) -> WebhookPage:
    """Return an agent's webhooks. Raises `Missing` when the asker may not see the agent."""
    agent = visible.agent(asker, slug)
    manages = access.can(asker, _MANAGE, agent)
    if not manages and not access.can(asker, _OPERATE, agent):
        return WebhookPage(agent, [], [], 0, [], moving=False, may_manage=False, may_replay=False)
    # Nothing of an address that was removed can be sent again: it is history, beside what arrived.
    dead = _messages(agent).filter(state="dead").exclude(endpoint__state="removed")
    endpoints = _rows(_present(agent), now)
    active = {row.id for row in endpoints if row.state == "active"}
    latest = [_delivery(row) for row in _messages(agent)[:_LATEST]]
    return WebhookPage(
        agent=agent,
        endpoints=endpoints,
        dead=[_delivery(row) for row in dead[:_SHOWN]],
        dead_total=sum(row.dead for row in endpoints),
        latest=latest,
        moving=any(row.endpoint_id in active and row.unanswered for row in latest),
        may_manage=manages,
        may_replay=True,
    )


def endpoints(asker: Any, slug: str, *, now: datetime) -> list[EndpointRow]:
    """Return an agent's endpoints, oldest first. Raises `Missing`, and `NotAllowed` for who may not operate the agent."""
    return _rows(_present(_operated(asker, slug)), now)


def endpoint(asker: Any, slug: str, endpoint_id: UUID, *, now: datetime) -> EndpointRow:
    """Return one endpoint of an agent. Raises `Missing` when it is another's or was removed, and `NotAllowed`."""
    found = _rows(_present(_operated(asker, slug)).filter(pk=endpoint_id), now)
    if not found:
        raise Missing("There is no such address.")
    return found[0]


def messages(
    asker: Any, slug: str, *, state: str = "", after: UUID | None = None, size: int | None = None
) -> MessagePage:
    """Return a page of an agent's messages, newest first, older than `after`; raises `Missing` and `NotAllowed`.

    Those of removed endpoints are among them: what was sent stays on record.
    """
    size = size or settings.PAGE_SIZE
    query = _messages(_operated(asker, slug))
    if state in WebhookDelivery.State.values:
        query = query.filter(state=state)
    found = list((query.filter(pk__lt=after) if after else query)[: size + 1])
    rows = [_delivery(row) for row in found[:size]]
    return MessagePage(rows, rows[-1].id if len(found) > size else None)


def message(asker: Any, slug: str, message_id: UUID) -> DeliveryRow:
    """Return one message of an agent. Raises `Missing` and `NotAllowed`."""
    found = _messages(_operated(asker, slug)).filter(pk=message_id).first()
    if found is None:
        raise Missing("There is no such message.")
    return _delivery(found)


def endpoint_of(agent_id: UUID, endpoint_id: UUID) -> bool:
    """Say whether an endpoint is an agent's."""
    return WebhookEndpoint.objects.filter(pk=endpoint_id, agent_id=agent_id).exists()


def delivery_of(agent_id: UUID, delivery_id: UUID) -> bool:
    """Say whether a message went to an agent's endpoint."""
    return WebhookDelivery.objects.filter(pk=delivery_id, endpoint__agent_id=agent_id).exists()


def _operated(asker: Any, slug: str) -> Agent:
    agent = visible.agent(asker, slug)
    if not access.can(asker, _OPERATE, agent):
        access.require(asker, _MANAGE, agent)
    return agent


def _rows(endpoints: QuerySet[WebhookEndpoint], now: datetime) -> list[EndpointRow]:
    found = list(endpoints.select_related("created_by").order_by("created_at"))
    # What arrived is by far the most, and not counted.
    open_states = ["pending", "dead"]
    counted = WebhookDelivery.objects.filter(endpoint__in=found, state__in=open_states).order_by()
    counts = {
        (row["endpoint"], row["state"]): row["n"] for row in counted.values("endpoint", "state").annotate(n=Count("pk"))
    }
    return [_endpoint(row, counts.get((row.pk, "pending"), 0), counts.get((row.pk, "dead"), 0), now) for row in found]


def _present(agent: Agent) -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(agent=agent).exclude(state="removed")


def _messages(agent: Agent) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.select_related("endpoint").filter(endpoint__agent=agent).order_by("-id")


def _endpoint(row: WebhookEndpoint, pending: int, dead: int, now: datetime) -> EndpointRow:
    return EndpointRow(
        id=row.pk,
        url=row.url,
        description=row.description,
        state=row.state,
        state_label=row.get_state_display(),
        pending=pending,
        dead=dead,
        failing_since=row.failing_since,
        rotating_until=row.previous_until if row.previous_until and row.previous_until > now else None,
        created_at=row.created_at,
        created_by=str(row.created_by),
    )


def _delivery(row: WebhookDelivery) -> DeliveryRow:
    kind = row.type.removeprefix("countersign.")
    return DeliveryRow(
        id=row.pk,
        webhook_id=row.webhook_id,
        endpoint_id=row.endpoint_id,
        decision_id=UUID(orjson.loads(row.body)["subject"]) if kind.startswith("decision.") else None,
        type=kind,
        title=_TITLES[kind],
        url=row.endpoint.url,
        state=row.state,
        state_label=row.get_state_display(),
        attempts=row.attempts,
        status=row.last_status,
        reply=row.last_error,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        closed_at=row.closed_at,
        may_replay=row.state != "pending" and row.endpoint.state != "removed",
    )
