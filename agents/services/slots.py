"""Switching what an agent's traffic gets."""

from uuid import UUID

from django.db import connection, transaction

from agents.models import Agent, Slot
from agents.selectors import policies
from agents.selectors.policies import Sealed
from reviewapp.core import clock, events
from reviewapp.core.errors import Invalid, Missing

events.external("slot.switched")

CHANNEL = "slots"
Version = tuple[str, int]


@transaction.atomic
def switch(
    *,
    agent_id: UUID,
    stable: Version | None,
    canary: Version | None = None,
    canary_share: int = 0,
    salt: str = "",
    by: events.Actor,
) -> Slot:
    """Make the slot say exactly this, under the next serial; every serving process follows within a second.

    `stable` and `canary` are (artifact digest, policy version), None for nothing; `canary_share` is in basis points and
    `salt` decides who belongs to it. Raises `Missing` for an unknown agent and `Invalid` when an artifact is not this
    agent's, or the canary was made for another contract than the stable policy.
    """
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    _check(agent_id, stable, canary, canary_share)
    slot = Slot.objects.filter(agent=agent).first() or Slot(agent=agent)
    slot.serial += 1
    slot.stable_id, slot.stable_version = stable or (None, None)
    slot.canary_id, slot.canary_version = canary or (None, None)
    slot.canary_share, slot.salt = canary_share, salt
    slot.changed_at, slot.changed_by, slot.changed_by_label = clock.now(), f"{by.kind}:{by.id}", by.label
    slot.save()
    with connection.cursor() as cursor:
        # Delivered at commit, and only then.
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{agent.pk}:{slot.serial}"])
    events.record(
        "slot.switched",
        subject=("slot", str(agent.pk)),
        actor=by,
        scope=agent.slug,
        data={
            "serial": slot.serial,
            "stable": slot.stable_id,
            "stable_version": slot.stable_version,
            "canary": slot.canary_id,
            "canary_version": slot.canary_version,
            "canary_share": canary_share,
        },
    )
    return slot


def _check(agent_id: UUID, stable: Version | None, canary: Version | None, share: int) -> None:
    faults: dict[str, str] = {}
    if not 0 <= share <= 10_000:
        faults["canary_share"] = "Give basis points from 0 to 10,000."
    if canary is None and share:
        faults["canary_share"] = "Without a canary the share is 0."
    if canary is not None and stable is None:
        faults["canary"] = "A canary runs beside a stable policy."
    known: dict[str, Sealed] = policies.sealed(agent_id, [version[0] for version in (stable, canary) if version])
    for name, version in (("stable", stable), ("canary", canary)):
        if version is not None and version[0] not in known:
            faults[name] = "This agent has no such policy artifact."
    if stable and canary and not faults and len({policy.contract_digest for policy in known.values()}) > 1:
        faults["canary"] = "It was made for another contract than the stable policy."
    if faults:
        raise Invalid("The slot cannot be switched.", fields=faults)
