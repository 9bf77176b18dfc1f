"""Webhook endpoints of an agent: added, rotated, paused, tried. Their secret is shown once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from agents.models import Agent, WebhookDelivery, WebhookEndpoint
from agents.services import deliveries, webhook_secrets
from reviewapp.core import clock, events, ids, outgoing
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing

events.external(
    *("webhook.added", "webhook.rotated", "webhook.paused", "webhook.resumed", "webhook.removed", "webhook.replayed")
)

_MOST = 10
MANAGE, OPERATE = "agents.develop_agent", "agents.operate_agent"


@transaction.atomic
def add(*, agent_id: UUID, url: str, description: str = "", by: User) -> tuple[WebhookEndpoint, str]:
    """Send an agent's answers to an address from now on; return (endpoint, secret): the only time it can be seen.

    Raises `Missing`, `NotAllowed`, and `Invalid` when the address may not be sent to, is there already, or is one too many.
    """
    # The agent's row is the lock, so that two cannot both add the tenth.
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    access.require(by, MANAGE, agent)
    url, description = url.strip(), description.strip()
    there = WebhookEndpoint.objects.filter(agent=agent).exclude(state=WebhookEndpoint.State.REMOVED)
    faults = {}
    if len(url) > 500 or len(description) > 120:
        faults["url"] = "Keep the address below 500 characters and its name below 120."
    else:
        try:
            outgoing.check(url)
        except outgoing.Refused as fault:
            faults["url"] = str(fault)
    if there.filter(url=url).exists():
        faults["url"] = "This address gets the answers already."
    elif there.count() >= _MOST:
        faults["url"] = f"An agent has {_MOST} addresses at most."
    if faults:
        raise Invalid("The address cannot be added.", fields=faults)
    secret = webhook_secrets.generate()
    endpoint = WebhookEndpoint.objects.create(
        id=ids.uuid7(),
        agent=agent,
        url=url,
        description=description,
        secret=webhook_secrets.seal(secret),
        created_at=clock.now(),
        created_by=by,
    )
    _tell("webhook.added", endpoint, by)
    return endpoint, secret


@transaction.atomic
def rotate(*, endpoint_id: UUID, by: User) -> str:
    """Give an endpoint a new secret and return it, once. For a day the old one signs too, so that nothing is missed."""
    endpoint = _endpoint(endpoint_id, by)
    secret = webhook_secrets.generate()
    endpoint.previous_secret = endpoint.secret
    endpoint.previous_until = clock.now() + timedelta(hours=settings.WEBHOOK_ROTATION_HOURS)
    endpoint.secret = webhook_secrets.seal(secret)
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    _tell("webhook.rotated", endpoint, by)
    return secret


@transaction.atomic
def pause(*, endpoint_id: UUID, by: User) -> None:
    """Send nothing more for now; answers wait."""
    endpoint = _endpoint(endpoint_id, by)
    if endpoint.state != WebhookEndpoint.State.PAUSED:
        endpoint.state = WebhookEndpoint.State.PAUSED
        endpoint.save(update_fields=["state"])
        _tell("webhook.paused", endpoint, by)


@transaction.atomic
def resume(*, endpoint_id: UUID, by: User) -> None:
    """Send again, what waited first; also after it was switched off for failing too long."""
    endpoint = _endpoint(endpoint_id, by)
    if endpoint.state != WebhookEndpoint.State.ACTIVE:
        endpoint.state, endpoint.failing_since, endpoint.probe_at = WebhookEndpoint.State.ACTIVE, None, None
        endpoint.save(update_fields=["state", "failing_since", "probe_at"])
        _tell("webhook.resumed", endpoint, by)


@transaction.atomic
def remove(*, endpoint_id: UUID, by: User) -> None:
    """Send nothing to an endpoint any more and forget its secret. What was sent stays on record; what waited is given up."""
    endpoint = _endpoint(endpoint_id, by)
    endpoint.state = WebhookEndpoint.State.REMOVED
    endpoint.secret, endpoint.previous_secret, endpoint.previous_until = "", "", None
    endpoint.save(update_fields=["state", "secret", "previous_secret", "previous_until"])
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=WebhookDelivery.State.PENDING)
    dropped = waiting.update(state="dead", closed_at=clock.now(), last_error="The address was removed.")
    _tell("webhook.removed", endpoint, by, messages=dropped)


@transaction.atomic
def test(*, endpoint_id: UUID, by: User) -> WebhookDelivery:
    """Send a message that says nothing, signed like any other. Raises `Conflict` when the endpoint is not active."""
    endpoint = _endpoint(endpoint_id, by)
    if endpoint.state != WebhookEndpoint.State.ACTIVE:
        raise Conflict("Resume this address first.", code="webhook_inactive")
    _probe_now(WebhookEndpoint.objects.filter(pk=endpoint.pk))
    return deliveries.test(endpoint)


@transaction.atomic
def replay(*, delivery_id: UUID, by: User) -> None:
    """Send a message that was given up or delivered once more, with the same id. Developers and operators may.

    Raises `Missing`, `NotAllowed`, and `Conflict` when its address was removed.
    """
    owner = WebhookEndpoint.objects.select_for_update(of=("self",), no_key=True).select_related("agent")
    endpoint = owner.filter(deliveries=delivery_id).first()
    if endpoint is None or not access.can(by, "agents.view_agent", endpoint.agent):
        raise Missing("There is no such message.")
    _require_replay(by, endpoint.agent)
    if endpoint.state == WebhookEndpoint.State.REMOVED:
        raise Conflict(
            "The address of this message was removed; the message stays on record only.", code="webhook_removed"
        )
    closed = WebhookDelivery.objects.filter(pk=delivery_id).exclude(state=WebhookDelivery.State.PENDING)
    if _again(closed):
        _probe_now(WebhookEndpoint.objects.filter(pk=endpoint.pk))
        _tell("webhook.replayed", endpoint, by, delivery=str(delivery_id))


@transaction.atomic
def replay_all(*, agent_id: UUID, by: User) -> int:
    """Send once more whatever an agent's endpoints were given up on, save those that were removed; return how many.

    What belongs to an endpoint that is switched off or paused waits until that is resumed.
    """
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None or not access.can(by, "agents.view_agent", agent):
        raise Missing("There is no such agent.")
    _require_replay(by, agent)
    there = (
        WebhookEndpoint.objects.select_for_update(of=("self",), no_key=True).select_related("agent").filter(agent=agent)
    )
    sent = 0
    for endpoint in there.exclude(state=WebhookEndpoint.State.REMOVED).order_by("pk"):
        dead = WebhookDelivery.objects.filter(endpoint=endpoint, state=WebhookDelivery.State.DEAD)
        count = _again(dead)
        if count:
            _probe_now(WebhookEndpoint.objects.filter(pk=endpoint.pk))
            _tell("webhook.replayed", endpoint, by, messages=count)
        sent += count
    return sent


def _require_replay(by: User, agent: Agent) -> None:
    if not access.can(by, OPERATE, agent):
        access.require(by, MANAGE, agent)


def _again(messages: QuerySet[WebhookDelivery]) -> int:
    started = {"attempts": 0, "last_status": None, "last_error": ""}
    return messages.update(state="pending", closed_at=None, next_attempt_at=clock.now(), **started)


def _probe_now(endpoints: QuerySet[WebhookEndpoint]) -> None:
    # Somebody mended the receiver, or thinks so: what they ask for does not wait for the next probe.
    endpoints.filter(probe_at__isnull=False).update(probe_at=clock.now())


def _endpoint(endpoint_id: UUID, by: User) -> WebhookEndpoint:
    found = (
        WebhookEndpoint.objects.select_for_update(of=("self",), no_key=True)
        .select_related("agent")
        .filter(pk=endpoint_id)
    )
    endpoint = found.exclude(state=WebhookEndpoint.State.REMOVED).first()
    if endpoint is None or not access.can(by, "agents.view_agent", endpoint.agent):
        raise Missing("There is no such address.")
    access.require(by, MANAGE, endpoint.agent)
    return endpoint


def _tell(kind: str, endpoint: WebhookEndpoint, by: User, **data: Any) -> None:
    subject = ("webhook", str(endpoint.pk))
    events.record(kind, subject=subject, actor=actors.of(by), scope=endpoint.agent.slug, data=data)
