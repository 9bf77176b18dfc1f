"""Identifiers and digests: UUIDv7 (RFC 9562) for rows, SHA-256 over RFC 8785 bytes for content."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
from uuid_utils import compat


def uuid7() -> UUID:
    """Return a new UUID whose order is its time of birth, so that primary key and time share one index."""
    return compat.uuid7()


def uuid7_floor(moment: datetime) -> UUID:
    """Return the lowest UUIDv7 of the millisecond of `moment`: what was born later has a higher one (RFC 9562, 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def canonical(value: Any) -> bytes:
    """Return the one canonical JSON encoding of `value` (RFC 8785, JSON Canonicalization Scheme).

    Raises `ValueError` for what has no canonical form: NaN, integers beyond 2**53 - 1, lone surrogates.
    """
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as fault:
        raise ValueError(f"no canonical form: {fault}") from fault


def digest_bytes(content: bytes) -> str:
    """Return `sha256:<hex>` over exactly these bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def digest(value: Any) -> str:
    """Return `sha256:<hex>` over the canonical encoding of `value`."""
    return digest_bytes(canonical(value))


def short(value: str) -> str:
    """Return the head and tail of a digest or UUID, enough to tell two apart on a page."""
    body = value.removeprefix("sha256:").replace("-", "")
    return f"{body[:6]}…{body[-6:]}"
