"""Secrets of webhooks: encrypted at rest under a key derived from the installation's pepper."""

import base64
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from agents.runtime import webhooks
from reviewapp.core.errors import Unavailable


def generate() -> str:
    """Return a fresh secret as the receiver keeps it: `whsec_` and 256 random bits in base64."""
    return webhooks.PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def seal(secret: str) -> str:
    """Return a secret as it is stored."""
    return _box().encrypt(secret.encode()).decode()


def unseal(stored: str) -> str:
    """Return a stored secret. Raises `Unavailable` when the pepper is another than the one it was stored under."""
    try:
        return _box().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise Unavailable("The secret cannot be read: KEY_PEPPER has changed. Rotate the secret.") from None


def _box() -> Fernet:
    # RFC 5869; the label keeps this key apart from every other use of the pepper.
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"countersign webhook secrets")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.KEY_PEPPER.encode())))
