"""Deterministic buckets: who gets the canary, and which sure decision a person looks at anyway."""

import hashlib
from typing import Literal

Arm = Literal["stable", "canary", "fallback"]

BUCKETS = 10_000


def bucket(salt: str, unit: str) -> int:
    """Return 0 to 9999, evenly spread and fixed for ever for a salt and unit.

    The first 8 bytes of SHA-256 over `v1` NUL salt NUL unit, as a fraction of 2^64, floored to 1/10000. SHA-256 rather
    than a fast hash: two roll-outs with different salts must be independent, which several fast ones are not.
    """
    head = hashlib.sha256(b"v1\x00" + salt.encode() + b"\x00" + unit.encode()).digest()[:8]
    return int.from_bytes(head, "big") * BUCKETS >> 64


def arm(place: int, canary_share: int) -> Arm:
    """Return the arm of a bucket: the canary takes [0, share), in basis points, so growing it never moves a unit back."""
    return "canary" if place < canary_share else "stable"
