"""Webhook endpoints and their messages, as the page shows them. Never a secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from agents.models import Agent, WebhookDelivery, WebhookEndpoint
from agents.selectors import visible
from reviewapp.core.accounts import access

_SHOWN = 50


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
    """One message. `reply` is what the receiver said last, or why there was no answer."""

    id: UUID
    type: str
    url: str
    state: str
    state_label: str
    attempts: int
    status: int | None
    reply: str
    created_at: datetime
    next_attempt_at: datetime
    may_replay: bool


@dataclass(frozen=True, slots=True)
class WebhookPage:
    """An agent's endpoints, the messages that were given up, and the latest others."""

    agent: Agent
    endpoints: list[EndpointRow]
    dead: list[DeliveryRow]
    dead_total: int
    latest: list[DeliveryRow]
    may_manage: bool
    may_replay: bool


def page(asker: Any, slug: str, *, now: datetime) -> WebhookPage:
    """Return an agent's webhooks. Raises `Missing` when the asker may not see the agent."""
    agent = visible.agent(asker, slug)
    manages = access.can(asker, "agents.develop_agent", agent)
    replays = manages or access.can(asker, "agents.operate_agent", agent)
    found = WebhookEndpoint.objects.select_related("created_by").filter(agent=agent).exclude(state="removed")
    counted = found.annotate(
        pending=Count("deliveries", filter=Q(deliveries__state="pending")),
        dead=Count("deliveries", filter=Q(deliveries__state="dead")),
    )
    messages = WebhookDelivery.objects.select_related("endpoint").filter(endpoint__agent=agent).order_by("-id")
    # Nothing of an address that was removed can be sent again: it is history, beside what arrived.
    removed = Q(endpoint__state="removed")
    dead = messages.filter(~removed, state="dead")
    return WebhookPage(
        agent=agent,
        endpoints=[_endpoint(row, now) for row in counted.order_by("created_at")] if replays else [],
        dead=[_delivery(row) for row in dead[:_SHOWN]] if replays else [],
        dead_total=dead.count() if replays else 0,
        latest=[_delivery(row) for row in messages.exclude(~removed, state="dead")[:_SHOWN]] if replays else [],
        may_manage=manages,
        may_replay=replays,
    )


def endpoint_of(agent_id: UUID, endpoint_id: UUID) -> bool:
    """Say whether an endpoint is an agent's."""
    return WebhookEndpoint.objects.filter(pk=endpoint_id, agent_id=agent_id).exists()


def delivery_of(agent_id: UUID, delivery_id: UUID) -> bool:
    """Say whether a message went to an agent's endpoint."""
    return WebhookDelivery.objects.filter(pk=delivery_id, endpoint__agent_id=agent_id).exists()


def _endpoint(row: Any, now: datetime) -> EndpointRow:
    return EndpointRow(
        id=row.pk,
        url=row.url,
        description=row.description,
        state=row.state,
        state_label=row.get_state_display(),
        pending=row.pending,
        dead=row.dead,
        failing_since=row.failing_since,
        rotating_until=row.previous_until if row.previous_until and row.previous_until > now else None,
        created_at=row.created_at,
        created_by=str(row.created_by),
    )


def _delivery(row: WebhookDelivery) -> DeliveryRow:
    return DeliveryRow(
        id=row.pk,
        type=row.type.removeprefix("countersign."),
        url=row.endpoint.url,
        state=row.state,
        state_label=row.get_state_display(),
        attempts=row.attempts,
        status=row.last_status,
        reply=row.last_error,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        may_replay=row.state != "pending" and row.endpoint.state != "removed",
    )
