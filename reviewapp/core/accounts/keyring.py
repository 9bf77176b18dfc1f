"""Reading the keys of an agent's programs. Never a secret: only a key's prefix is known after it was issued."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from reviewapp.core.accounts.models import ApiKey, ServiceAccount


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key as pages show it. `state` is active, expired or revoked."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    state: str


def of_agent(agent_id: UUID, *, now: datetime) -> list[KeyRow]:
    """Return the keys of the service accounts bound to an agent, newest first."""
    found = ApiKey.objects.select_related("created_by").filter(service__agent_id=agent_id).order_by("-created_at")
    return [_row(key, now) for key in found]


def belongs_to(key_id: UUID, agent_id: UUID) -> bool:
    """Say whether a key is one of an agent's programs'."""
    return ApiKey.objects.filter(pk=key_id, service__agent_id=agent_id).exists()


def program_of(agent_id: UUID) -> ServiceAccount | None:
    """Return the active service account bound to an agent, the oldest if there are several."""
    return ServiceAccount.objects.filter(agent_id=agent_id, disabled_at__isnull=True).order_by("created_at").first()


def _row(key: ApiKey, now: datetime) -> KeyRow:
    expired = key.expires_at is not None and key.expires_at <= now
    return KeyRow(
        id=key.pk,
        name=key.name,
        prefix=key.prefix,
        scopes=tuple(key.scopes),
        created_at=key.created_at,
        created_by=str(key.created_by) if key.created_by else "Countersign",
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        state="revoked" if key.revoked_at else "expired" if expired else "active",
    )
