"""Switching what an agent's traffic gets, and keeping what was said about it fresh.

Every change is a new statement under the next serial, signed; serving processes follow the statement, not the row.
"""

import logging
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from agents.models import Agent, ChannelStatement, Revocation, Slot
from agents.runtime.artifact import ArtifactError, Policy
from agents.runtime.channel import Pointer, Statement
from agents.selectors import trust
from agents.services import signing
from reviewapp.core import clock, events
from reviewapp.core.errors import Invalid, Missing

log = logging.getLogger(__name__)

events.external("slot.switched")
events.external("slot.renewed")

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
    `salt` decides who belongs to it. Raises `Missing` for an unknown agent, `Unavailable` in a process without the
    signing key, and `Invalid` when an artifact is not this agent's, not signed or revoked, or the canary was made for
    another contract than the stable policy.
    """
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    _check(agent, stable, canary, canary_share)
    slot = Slot.objects.filter(agent=agent).first() or Slot(agent=agent)
    slot.serial += 1
    slot.stable_id, slot.stable_version = stable or (None, None)
    slot.canary_id, slot.canary_version = canary or (None, None)
    slot.canary_share, slot.salt = canary_share, salt
    now = clock.now()
    slot.changed_at, slot.changed_by, slot.changed_by_label = now, f"{by.kind}:{by.id}", by.label
    slot.save()
    said = Statement(
        agent=agent.slug,
        serial=slot.serial,
        stable=Pointer(*stable) if stable else None,
        canary=Pointer(*canary) if canary else None,
        canary_share=canary_share,
        salt=salt,
        issued_at=now,
        not_after=signing.expiry(now),
        revoked=_revoked(agent),
    )
    signing.issue(said, agent_id=agent.pk)
    _notify(slot)
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


def renew_due(*, by: events.Actor) -> int:
    """Renew every statement of which half the time is over; return how many were renewed.

    A statement that cannot be renewed is logged, and the others are.
    """
    half = timedelta(seconds=settings.SLOT_STATEMENT_SECONDS / 2)
    newest = ChannelStatement.objects.filter(agent=OuterRef("pk")).order_by("-serial").values("not_after")[:1]
    due = (
        Slot.objects.annotate(not_after=Subquery(newest))
        .exclude(not_after__gt=clock.now() + half)
        .values_list("pk", flat=True)
    )
    renewed = 0
    for agent_id in list(due):
        try:
            renew(agent_id=agent_id, by=by)
        except ArtifactError:
            log.exception("the slot of agent %s cannot be renewed", agent_id)
        else:
            renewed += 1
    return renewed


@transaction.atomic
def renew(*, agent_id: UUID, by: events.Actor) -> ChannelStatement:
    """Say what the newest statement says again, for longer, under the next serial.

    Copied is what was signed and not the slot's row: who can write to the database but has no key must not get a
    signature that way. Raises `Missing` for an agent without a slot and `ArtifactError` when the newest statement is
    not to be trusted, or not the slot's: then a person has to switch again.
    """
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    slot = Slot.objects.filter(pk=agent_id).first()
    if agent is None or slot is None:
        raise Missing("This agent has no serving slot.")
    row = trust.newest(agent_id)
    if row is None:
        raise ArtifactError("there is no signed statement")
    before = trust.read(row)
    if (before.agent, before.serial) != (agent.slug, slot.serial):
        raise ArtifactError(f"the newest statement is {before.agent} at {before.serial}, the slot is at {slot.serial}")
    now = clock.now()
    slot.serial += 1
    slot.save(update_fields=["serial"])
    said = replace(before, serial=slot.serial, issued_at=now, not_after=signing.expiry(now), revoked=_revoked(agent))
    fresh = signing.issue(said, agent_id=agent_id)
    _notify(slot)
    events.record(
        "slot.renewed",
        subject=("slot", str(agent.pk)),
        actor=by,
        scope=agent.slug,
        data={"serial": slot.serial, "not_after": fresh.not_after.isoformat()},
    )
    return fresh


def _notify(slot: Slot) -> None:
    with connection.cursor() as cursor:
        # Delivered at commit, and only then.
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{slot.pk}:{slot.serial}"])


def _revoked(agent: Agent) -> tuple[str, ...]:
    """Return what is revoked: the rows, and what was signed before, should a row have vanished."""
    rows = set(Revocation.objects.filter(artifact__agent=agent).values_list("pk", flat=True))
    before = trust.newest(agent.pk)
    try:
        signed = set(trust.read(before).revoked) if before else set()
    except ArtifactError as fault:
        log.warning("the statement of %s that is being replaced cannot be trusted: %s", agent.slug, fault)
        signed = set()
    return tuple(sorted(rows | signed))


def _check(agent: Agent, stable: Version | None, canary: Version | None, share: int) -> None:
    faults: dict[str, str] = {}
    if not 0 <= share <= 10_000:
        faults["canary_share"] = "Give basis points from 0 to 10,000."
    if canary is None and share:
        faults["canary_share"] = "Without a canary the share is 0."
    if canary is not None and stable is None:
        faults["canary"] = "A canary runs beside a stable policy."
    revoked = _revoked(agent)
    known: list[Policy] = []
    for name, version in (("stable", stable), ("canary", canary)):
        if version is None:
            continue
        if version[0] in revoked:
            faults[name] = f"Version {version[1]} was revoked. Take another one."
            continue
        try:
            known.append(trust.policy(version[0], agent.slug))
        except ArtifactError as fault:
            faults[name] = f"This agent has no such policy artifact: {fault}."
    if not faults and len({policy.contract_digest for policy in known}) > 1:
        faults["canary"] = "It was made for another contract than the stable policy."
    if faults:
        raise Invalid("The slot cannot be switched.", fields=faults)
