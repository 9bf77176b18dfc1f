"""The private key, and what it signs: sealed policies and channel statements."""

from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from agents.models import Artifact, ArtifactSignature, ChannelStatement
from agents.runtime.channel import Statement
from agents.runtime.signing import CHANNEL_TYPE, POLICY_TYPE, Signer
from reviewapp.core import events
from reviewapp.core.errors import Unavailable


def signer() -> Signer:
    """Return this process's signing key. Raises `Unavailable` where there is none: serving processes only check."""
    if not settings.SIGNING_KEY:
        raise Unavailable("This process holds no signing key, so it cannot change what is served.", code="no_key")
    return _signer(settings.SIGNING_KEY)


@lru_cache(maxsize=2)
def _signer(seed: str) -> Signer:
    return Signer(seed)


def expiry(now: datetime) -> datetime:
    """Return until when a statement issued now holds."""
    return now + timedelta(seconds=settings.SLOT_STATEMENT_SECONDS)


def sign_artifact(row: Artifact, *, at: datetime, by: events.Actor) -> bool:
    """Add this key's signature to a sealed policy; return False when it is there already."""
    key = signer()
    (signature,) = key.sign(POLICY_TYPE, bytes(row.body)).signatures
    _, fresh = ArtifactSignature.objects.get_or_create(
        artifact=row,
        key_id=key.key_id,
        defaults={"value": signature.value, "signed_at": at, "signed_by": f"{by.kind}:{by.id}"},
    )
    return fresh


def issue(statement: Statement, *, agent_id: UUID) -> ChannelStatement:
    """Sign a statement and keep it. Raises `IntegrityError` when the agent has one under this serial."""
    return ChannelStatement.objects.create(
        agent_id=agent_id,
        serial=statement.serial,
        envelope=signer().sign(CHANNEL_TYPE, statement.content()).as_json(),
        issued_at=statement.issued_at,
        not_after=statement.not_after,
    )
