"""What goes wrong with an agent's connections and with what it serves, as incidents that begin and end by themselves."""

from datetime import datetime
from uuid import UUID

from agents.models import Agent, WebhookEndpoint
from agents.selectors import live
from agents.selectors.live import Signed, Stamp
from reviewapp.core import events
from reviewapp.core.accounts import actors
from reviewapp.core.events import selectors as log
from reviewapp.core.events.models import Event
from reviewapp.core.incidents import kinds, selectors, services

_OUTBOX = "outbox"
# By slug: the stamp of a slot that was looked at in full, and what was found. Checking signatures costs milliseconds, so
# a slot that has not moved is only asked whether its statement ran out.
_seen: dict[str, tuple[Stamp, Signed | None]] = {}


def webhook_disabled(*, event: Event) -> None:
    """Begin an incident for a webhook that was switched off."""
    endpoint = WebhookEndpoint.objects.select_related("agent").get(pk=event.subject_id)
    if endpoint.state != WebhookEndpoint.State.DISABLED:
        # Somebody was faster than the relay.
        return
    services.begin(
        kind=kinds.WEBHOOK,
        key=str(endpoint.pk),
        agent=(endpoint.agent_id, endpoint.agent.slug),
        data={"agent": endpoint.agent.name},
        began_at=endpoint.failing_since or event.recorded_at,
        path=f"/agents/{endpoint.agent.slug}/webhooks/",
        by=actors.SYSTEM,
    )


def look(*, now: datetime, by: events.Actor) -> int:
    """Begin and end what no event tells of: events set aside, statements that are refused, webhooks that send again.

    Returns how many of these incidents go on.
    """
    for key in selectors.going_on(kinds.WEBHOOK):
        if not WebhookEndpoint.objects.filter(pk=UUID(key), state=WebhookEndpoint.State.DISABLED).exists():
            services.end(kind=kinds.WEBHOOK, key=key, by=by)
    _look_at_outbox(by)
    _look_at_slots(now, by)
    return sum(len(selectors.going_on(kind)) for kind in (kinds.WEBHOOK, kinds.PARKED, kinds.REFUSED))


def _look_at_outbox(by: events.Actor) -> None:
    parked = log.parked()
    if parked is None:
        for key in selectors.going_on(kinds.PARKED):
            services.end(kind=kinds.PARKED, key=key, by=by)
        return
    services.begin(
        kind=kinds.PARKED,
        key=_OUTBOX,
        agent=None,
        data={},
        began_at=parked.since,
        path="/operations/",
        text=parked.last_error,
        by=by,
    )


def _look_at_slots(now: datetime, by: events.Actor) -> None:
    refused = set(selectors.going_on(kinds.REFUSED))
    names = dict(Agent.objects.values_list("slug", "name"))
    for slug, stamp in live.stamps().items():
        found = _signed(slug, stamp, now)
        key = str(stamp[0])
        if found is not None and found.fault:
            services.begin(
                kind=kinds.REFUSED,
                key=key,
                agent=(stamp[0], slug),
                data={"agent": names.get(slug, slug)},
                began_at=now,
                path=f"/releases/?agent={slug}",
                text=found.fault,
                by=by,
            )
        elif key in refused:
            services.end(kind=kinds.REFUSED, key=key, by=by)


def _signed(slug: str, stamp: Stamp, now: datetime) -> Signed | None:
    known = _seen.get(slug)
    if known is not None and known[0] == stamp:
        held = known[1]
        if held is None or (not held.fault and held.not_after is not None and now < held.not_after):
            return held
    found = live.signed(slug)
    _seen[slug] = (stamp, found)
    return found
