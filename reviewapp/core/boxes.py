"""Secrets that must be read again: encrypted at rest under keys derived from the installation's pepper."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from reviewapp.core.errors import Unavailable


def seal(secret: str, *, label: str) -> str:
    """Return a secret as it is stored. `label` keeps its key apart from every other use of the pepper (RFC 5869)."""
    return _box(label).encrypt(secret.encode()).decode()


def unseal(stored: str, *, label: str) -> str:
    """Return a stored secret. Raises `Unavailable` when the pepper is another than the one it was stored under."""
    try:
        return _box(label).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise Unavailable(
            "The secret cannot be read: KEY_PEPPER has changed. Enter or rotate the secret anew."
        ) from None


def _box(label: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=f"countersign {label}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.KEY_PEPPER.encode())))
