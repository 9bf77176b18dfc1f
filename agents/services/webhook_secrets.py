"""Secrets of webhooks: made here, encrypted at rest."""

import base64
import secrets

from agents.runtime import webhooks
from reviewapp.core import boxes

_LABEL = "webhook secrets"


def generate() -> str:
    """Return a fresh secret as the receiver keeps it: `whsec_` and 256 random bits in base64."""
    return webhooks.PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def seal(secret: str) -> str:
    """Return a secret as it is stored."""
    return boxes.seal(secret, label=_LABEL)


def unseal(stored: str) -> str:
    """Return a stored secret. Raises `Unavailable` when the pepper is another than the one it was stored under."""
    return boxes.unseal(stored, label=_LABEL)
