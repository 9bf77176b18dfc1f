"""Registering agents."""

import re

from django.db import IntegrityError, transaction

from agents.models import Agent
from reviewapp.core import clock, events, ids
from reviewapp.core.errors import Conflict, Invalid

events.external("agent.registered")

_SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


@transaction.atomic
def register(*, slug: str, name: str, description: str = "", mode: str, by: events.Actor) -> Agent:
    """Register an agent; it serves once it has a contract and a live policy.

    `mode` is "decide" or "propose". Raises `Invalid` naming the field, and `Conflict` when the slug is taken.
    """
    faults: dict[str, str] = {}
    if not _SLUG.match(slug) or len(slug) > 60:
        faults["slug"] = "Use small letters, digits and hyphens, at most 60."
    if not name.strip() or len(name) > 120:
        faults["name"] = "Give a name of 1 to 120 characters."
    if mode not in Agent.Mode.values:
        faults["mode"] = 'Say "decide" or "propose".'
    if faults:
        raise Invalid("The agent cannot be registered.", fields=faults)
    try:
        with transaction.atomic():
            agent = Agent.objects.create(
                id=ids.uuid7(),
                slug=slug,
                name=name.strip(),
                description=description.strip(),
                mode=mode,
                created_at=clock.now(),
                created_by=f"{by.kind}:{by.id}",
                created_by_label=by.label,
            )
    except IntegrityError:
        raise Conflict(f"An agent named {slug!r} exists.", fields={"slug": "Choose another."}) from None
    events.record("agent.registered", subject=("agent", str(agent.pk)), actor=by, scope=slug, data={"mode": mode})
    return agent
