"""Putting the signatures of this process's key under everything that is served: when a key is new, or was there first."""

from django.db import transaction

from agents.models import Artifact, ChannelStatement, Slot
from agents.runtime import artifact
from agents.runtime.artifact import ArtifactError
from agents.runtime.signing import POLICY_TYPE
from agents.selectors import trust
from agents.services import signing, slots
from reviewapp.core import clock, events
from reviewapp.core.errors import Conflict, Invalid, Missing

events.external("artifact.signed")


@transaction.atomic
def sign_again(*, by: events.Actor) -> int:
    """Sign every policy and every slot that a trusted key has signed before; return how many signatures were added.

    The step between trusting a new key everywhere and trusting the old one no more. What nobody trusted signed stays
    as it is, and is refused by serving processes as before.
    """
    added = 0
    for row in Artifact.objects.order_by("sealed_at"):
        try:
            trust.keys().opened(trust.envelope(row.pk), POLICY_TYPE)
        except ArtifactError:
            continue
        added += _sign(row, by)
    for agent_id in Slot.objects.values_list("pk", flat=True):
        try:
            slots.renew(agent_id=agent_id, by=by)
        except ArtifactError:
            continue
        added += 1
    return added


@transaction.atomic
def vouch(*, digest: str, by: events.Actor) -> bool:
    """Sign one policy that a person names, whoever signed it before; return False when this key has already.

    For the day a key was stolen and nothing it signed counts any more. Raises `Missing` for an unknown policy and
    `Invalid` when the stored bytes are not those the digest names.
    """
    row = Artifact.objects.filter(pk=digest).first()
    if row is None:
        raise Missing("There is no such policy artifact.")
    try:
        artifact.load(bytes(row.body), digest)
    except ArtifactError as fault:
        raise Invalid(f"This policy cannot be signed: {fault}.", fields={"policy": str(fault)}) from fault
    return _sign(row, by) > 0


@transaction.atomic
def adopt(*, by: events.Actor) -> int:
    """Sign what an installation held before it signed anything; return how many signatures were added.

    Only possible while not one statement exists, so that a stripped signature never comes back by itself: raises
    `Conflict` otherwise.
    """
    if ChannelStatement.objects.exists():
        raise Conflict("This installation signs already: switch the slot again by hand.", code="signed_already")
    added = sum(_sign(row, by) for row in Artifact.objects.order_by("sealed_at"))
    for slot in Slot.objects.order_by("pk"):
        slots.switch(
            agent_id=slot.pk,
            stable=_version(slot.stable_id, slot.stable_version),
            canary=_version(slot.canary_id, slot.canary_version),
            canary_share=slot.canary_share,
            salt=slot.salt,
            by=by,
        )
        added += 1
    return added


def _sign(row: Artifact, by: events.Actor) -> int:
    if not signing.sign_artifact(row, at=clock.now(), by=by):
        return 0
    events.record(
        "artifact.signed",
        subject=("artifact", row.pk),
        actor=by,
        scope=row.agent.slug,
        data={"key": signing.signer().key_id},
    )
    return 1


def _version(digest: str | None, version: int | None) -> slots.Version | None:
    return (digest, version) if digest is not None and version is not None else None
