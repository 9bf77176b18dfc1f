"""API keys: making, hashing and recognising them. Light on purpose: the decision endpoint goes through here."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import ApiKey
from reviewapp.core.errors import Unauthenticated
from reviewapp.core.events import Actor

SCOPES = ("decide", "review", "policies", "read")
_FORM = re.compile(r"^cs_([0-9a-z]{10})_([0-9A-Za-z_-]{43})$")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Writing "last used" on every request would make the key's row the hottest in the database.
_USED_RESOLUTION = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who a valid key speaks for: the actor, the person behind a personal key, its scopes, and its one agent if bound."""

    actor: Actor
    key_id: UUID
    user_id: int | None
    scopes: frozenset[str]
    agent_id: UUID | None


def generate() -> tuple[str, str, str]:
    """Return (raw key, prefix, digest) of a fresh key: 256 random bits, shown once."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    secret = secrets.token_urlsafe(32)
    return f"cs_{prefix}_{secret}", prefix, digest(secret)


def digest(secret: str) -> str:
    """Return the keyed hash of a key's secret part: HMAC-SHA-256 under the installation's pepper.

    The secret has 256 bits of entropy, so a slow password hash would add cost and no safety.
    """
    return hmac.new(settings.KEY_PEPPER.encode(), secret.encode(), hashlib.sha256).hexdigest()


def bearer(header: str) -> str:
    """Return the key from an `Authorization: Bearer …` header; raises `Unauthenticated` with the mend."""
    scheme, _, raw = header.partition(" ")
    if scheme.lower() != "bearer" or not raw.strip():
        raise Unauthenticated("Send your API key in the header Authorization: Bearer cs_…", code="key_missing")
    return raw.strip()


def authenticate(raw: str, *, now: datetime) -> KeyHolder:
    """Return the holder of a key; raises `Unauthenticated` for unknown, expired, revoked or disabled ones.

    Unknown and wrong keys get the same sentence, so that nothing can be learned by guessing.
    """
    form = _FORM.match(raw)
    key = None
    if form:
        key = ApiKey.objects.select_related("user", "service").filter(prefix=form.group(1)).first()
    if form is None or key is None or not hmac.compare_digest(key.digest, digest(form.group(2))):
        raise Unauthenticated("This API key is not known. Check that it was copied whole.", code="key_unknown")
    if key.revoked_at is not None:
        raise Unauthenticated("This API key was revoked. Ask an agent developer for a new one.", code="key_revoked")
    if key.expires_at is not None and key.expires_at <= now:
        raise Unauthenticated("This API key has expired. Ask an agent developer for a new one.", code="key_expired")
    if key.last_used_at is None or now - key.last_used_at > _USED_RESOLUTION:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USED_RESOLUTION)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return _holder(key)


def _holder(key: ApiKey) -> KeyHolder:
    if key.user is not None:
        if not key.user.is_active:
            raise Unauthenticated("The account behind this key is not active.", code="account_inactive")
        return KeyHolder(actors.of(key.user), key.pk, key.user.pk, frozenset(key.scopes), None)
    if key.service is None or key.service.disabled_at is not None:
        raise Unauthenticated("The service account behind this key is disabled.", code="account_inactive")
    return KeyHolder(actors.of_service(key.service), key.pk, None, frozenset(key.scopes), key.service.agent_id)
