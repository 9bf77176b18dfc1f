"""API keys: making, hashing and recognising them. Light on purpose: the decision endpoint goes through here."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from reviewapp.core import statements
from reviewapp.core.accounts.models import ApiKey
from reviewapp.core.errors import Unauthenticated
from reviewapp.core.events import Actor

SCOPES = ("decide", "review", "policies", "read", "features")
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
    key = _find(form.group(1)) if form else None
    if form is None or key is None or not hmac.compare_digest(key.digest, digest(form.group(2))):
        raise Unauthenticated("This API key is not known. Check that it was copied whole.", code="key_unknown")
    if key.revoked_at is not None:
        raise Unauthenticated("This API key was revoked. Ask an agent developer for a new one.", code="key_revoked")
    if key.expires_at is not None and key.expires_at <= now:
        raise Unauthenticated("This API key has expired. Ask an agent developer for a new one.", code="key_expired")
    if key.last_used_at is None or now - key.last_used_at > _USED_RESOLUTION:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USED_RESOLUTION)
        ApiKey.objects.filter(stale, pk=key.id).update(last_used_at=now)
    holder = _holder(key)
    _remember(form.group(1), key, holder, now)
    return holder


def recall(raw: str, *, now: datetime) -> KeyHolder | None:
    """Return the holder of a program's key that `authenticate` has seen within the last minute, None otherwise.

    A key may have been revoked since: whatever is written for the holder must be written under the condition `STANDS`,
    and whatever else is answered must be preceded by `authenticate`.
    """
    return _recalled(_memory, raw, now)


def recall_person(raw: str, *, now: datetime) -> KeyHolder | None:
    """Return the holder of a person's key as `recall` does for programs; the condition to write and read under is
    `PERSON_STANDS`."""
    return _recalled(_people, raw, now)


def _recalled(memory: "dict[str, _Known]", raw: str, now: datetime) -> KeyHolder | None:
    form = _FORM.match(raw)
    known = memory.get(form.group(1)) if form else None
    if form is None or known is None or now >= known.until:
        return None
    return known.holder if hmac.compare_digest(known.digest, digest(form.group(2))) else None


@dataclass(frozen=True, slots=True)
class _Known:
    """A key that was good, remembered until a moment."""

    holder: KeyHolder
    digest: str
    until: datetime


# By prefix. Only keys that exist get in, so it cannot be filled by guessing.
_memory: dict[str, _Known] = {}
_people: dict[str, _Known] = {}
_REMEMBERED = timedelta(minutes=1)


def _remember(prefix: str, key: "_Found", holder: KeyHolder, now: datetime) -> None:
    memory = _memory if key.service_id is not None else _people
    memory[prefix] = _Known(holder, key.digest, now + _REMEMBERED)


# Whether a program's key (by id) is still good, as a condition inside another statement: the write and the right to it
# are one thing then, and no round trip asks before.
STANDS = """EXISTS (
    SELECT FROM accounts_apikey k JOIN accounts_serviceaccount s ON s.id = k.service_id
    WHERE k.id = %s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
    AND s.disabled_at IS NULL)"""

# The same of a person (`user`), with the key they came with (`key`, by id) or without one.
PERSON_STANDS = """EXISTS (
    SELECT FROM accounts_user u WHERE u.id = %(user)s::int8 AND u.is_active AND (%(key)s::uuid IS NULL OR EXISTS (
        SELECT FROM accounts_apikey k WHERE k.id = %(key)s::uuid AND k.user_id = u.id AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now()))))"""

# In plain SQL: putting this one query together with the ORM took more than half the time of a whole decision.
_FIND = """
    SELECT k.id, k.digest, k.scopes, k.revoked_at, k.expires_at, k.last_used_at,
           u.id, u.display_name, u.is_active, s.id, s.name, s.disabled_at, s.agent_id
    FROM accounts_apikey k
    LEFT JOIN accounts_user u ON u.id = k.user_id
    LEFT JOIN accounts_serviceaccount s ON s.id = k.service_id
    WHERE k.prefix = %s
"""


class _Found(NamedTuple):
    """A key with whoever holds it."""

    id: UUID
    digest: str
    scopes: list[str]
    revoked_at: datetime | None
    expires_at: datetime | None
    last_used_at: datetime | None
    user_id: int | None
    user_name: str | None
    user_active: bool | None
    service_id: UUID | None
    service_name: str | None
    service_disabled_at: datetime | None
    agent_id: UUID | None


def _find(prefix: str) -> _Found | None:
    row = statements.run(_FIND, [prefix], again=True).fetchone()
    return _Found(*row) if row else None


def _holder(key: _Found) -> KeyHolder:
    if key.user_id is not None:
        if not key.user_active:
            raise Unauthenticated("The account behind this key is not active.", code="account_inactive")
        actor = Actor(kind="person", id=str(key.user_id), label=key.user_name or "")
        return KeyHolder(actor, key.id, key.user_id, frozenset(key.scopes), None)
    if key.service_id is None or key.service_disabled_at is not None:
        raise Unauthenticated("The service account behind this key is disabled.", code="account_inactive")
    actor = Actor(kind="service", id=str(key.service_id), label=key.service_name or "")
    return KeyHolder(actor, key.id, None, frozenset(key.scopes), key.agent_id)
