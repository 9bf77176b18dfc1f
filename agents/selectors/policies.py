"""Reading sealed policies, and the slot as pages show it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agents.models import Artifact, Revocation, Slot
from agents.runtime import artifact
from agents.runtime.artifact import Policy


@dataclass(frozen=True, slots=True)
class Revoked:
    """Why, when and by whom a policy was taken out of service for ever."""

    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SlotInfo:
    """The serving slot as pages and the API show it."""

    serial: int
    stable_digest: str | None
    stable_version: int | None
    canary_digest: str | None
    canary_version: int | None
    canary_share: int
    changed_at: datetime
    changed_by: str


def policy(digest: str) -> Policy:
    """Return a stored policy, its bytes checked against its digest. Raises `ArtifactError` when that fails."""
    row = Artifact.objects.filter(pk=digest).first()
    if row is None:
        raise artifact.ArtifactError(f"no policy is stored under {digest}")
    return artifact.load(bytes(row.body), digest)


def revocation(digest: str) -> Revoked | None:
    """Return how a policy was revoked, None when it was not."""
    row = Revocation.objects.filter(pk=digest).first()
    return Revoked(row.reason, row.revoked_at, row.revoked_by_label) if row else None


def revoked(agent_id: UUID) -> frozenset[str]:
    """Return the digests of an agent's revoked policies."""
    return frozenset(Revocation.objects.filter(artifact__agent_id=agent_id).values_list("pk", flat=True))


def slot(agent_id: UUID) -> SlotInfo | None:
    """Return an agent's slot, if anything was ever served."""
    row = Slot.objects.filter(pk=agent_id).first()
    return slot_info(row) if row else None


def slot_info(row: Slot) -> SlotInfo:
    """Return a slot's row as pages show it."""
    return SlotInfo(
        serial=row.serial,
        stable_digest=row.stable_id,
        stable_version=row.stable_version,
        canary_digest=row.canary_id,
        canary_version=row.canary_version,
        canary_share=row.canary_share,
        changed_at=row.changed_at,
        changed_by=row.changed_by_label,
    )
