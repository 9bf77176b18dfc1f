"""Taking a sealed policy out of service for ever."""

import logging

from django.db import transaction

from agents.models import Agent, Artifact, Revocation, Slot
from agents.runtime.artifact import ArtifactError
from agents.runtime.channel import Pointer, Statement
from agents.selectors import trust
from agents.services import slots
from reviewapp.core import clock, events
from reviewapp.core.errors import Invalid, Missing

log = logging.getLogger(__name__)

events.external("artifact.revoked")


@transaction.atomic
def revoke(*, digest: str, reason: str, by: events.Actor) -> Revocation:
    """Make every serving process refuse this policy from the next statement on; revoking it again changes nothing.

    A canary that is revoked goes and the stable policy takes all traffic. When the stable one is revoked, nothing is
    served and the contract's terms for "unavailable" answer, until somebody switches to another. Raises `Missing` for
    an unknown artifact and `Invalid` without a reason.
    """
    if not reason.strip():
        raise Invalid("Say why.", fields={"reason": "Whoever reads the log later needs the reason."})
    found = Artifact.objects.filter(pk=digest).values_list("agent_id", flat=True).first()
    if found is None:
        raise Missing("There is no such policy artifact.")
    agent = Agent.objects.select_for_update().get(pk=found)
    row, fresh = Revocation.objects.get_or_create(
        artifact_id=digest,
        defaults={
            "reason": reason.strip(),
            "revoked_at": clock.now(),
            "revoked_by": f"{by.kind}:{by.id}",
            "revoked_by_label": by.label,
        },
    )
    if not fresh:
        return row
    events.record(
        "artifact.revoked",
        subject=("artifact", digest),
        actor=by,
        scope=agent.slug,
        data={"reason": row.reason},
    )
    if Slot.objects.filter(pk=agent.pk).exists():
        _say(agent, digest, by)
    return row


def _say(agent: Agent, digest: str, by: events.Actor) -> None:
    """Switch to what is left of the slot: even when nothing changes there, the new statement names the digest."""
    before = _said(agent)
    stable = _left(before.stable, digest) if before else None
    canary = _left(before.canary, digest) if before and stable else None
    slots.switch(
        agent_id=agent.pk,
        stable=stable,
        canary=canary,
        canary_share=before.canary_share if before and canary else 0,
        salt=before.salt if before else "",
        by=by,
    )


def _said(agent: Agent) -> Statement | None:
    """Return what was signed last; None when that cannot be trusted: then nothing goes on being served."""
    row = trust.newest(agent.pk)
    try:
        return trust.read(row) if row else None
    except ArtifactError as fault:
        log.warning("%s serves nothing now, its last statement cannot be trusted: %s", agent.slug, fault)
        return None


def _left(pointer: Pointer | None, revoked: str) -> slots.Version | None:
    return (pointer.digest, pointer.version) if pointer and pointer.digest != revoked else None
