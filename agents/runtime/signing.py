"""Signatures over sealed bytes: DSSE envelopes v1 (github.com/secure-systems-lab/dsse) with Ed25519 (RFC 8032).

The type is signed together with the bytes, so that nothing signed as one thing passes for another. Whoever checks gets
back the very bytes that were checked, and reads those.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from agents.runtime.artifact import ArtifactError
from reviewapp.core import ids

POLICY_TYPE = "application/vnd.countersign.policy+json"
CHANNEL_TYPE = "application/vnd.countersign.channel+json"

# An envelope with more is not ours: nobody rotates through so many keys at once, and each costs a check.
_SIGNATURES_MAX = 16
_KEY_BYTES = 32


class SignatureError(ArtifactError):
    """An envelope that nobody trusted has signed, or no envelope."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: DSSE's pre-authentication encoding of a type and a payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `key_id` is a hint that saves time; it never decides what is trusted."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """Bytes, what they are, and who signed them."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the envelope as DSSE writes it: payload and signatures in standard base64."""
        return {
            "payloadType": self.payload_type,
            "payload": base64.b64encode(self.payload).decode(),
            "signatures": [
                {"keyid": one.key_id, "sig": base64.b64encode(one.value).decode()} for one in self.signatures
            ],
        }

    @classmethod
    def from_json(cls, body: Any) -> "Envelope":
        """Read an envelope, in standard or URL-safe base64. Raises `SignatureError` for anything else."""
        try:
            listed = body["signatures"]
            if not isinstance(listed, list) or len(listed) > _SIGNATURES_MAX:
                raise SignatureError(f"an envelope has a list of at most {_SIGNATURES_MAX} signatures")
            return cls(
                payload_type=str(body["payloadType"]),
                payload=_decoded(body["payload"]),
                signatures=tuple(Signature(str(one.get("keyid", "")), _decoded(one["sig"])) for one in listed),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as fault:
            if isinstance(fault, SignatureError):
                raise
            raise SignatureError(f"this is not a DSSE envelope: {fault!r}") from fault


class Signer:
    """A private key that signs."""

    def __init__(self, seed: str) -> None:
        """Take a key as 32 random bytes in base64, either alphabet, padded or not. Raises `ValueError` for others."""
        self._key = Ed25519PrivateKey.from_private_bytes(_key_bytes(seed))
        raw = self._key.public_key().public_bytes_raw()
        self.public = base64.b64encode(raw).decode()
        self.key_id = ids.digest_bytes(raw)

    def sign(self, payload_type: str, payload: bytes) -> Envelope:
        """Return the payload in an envelope with this key's signature."""
        value = self._key.sign(pae(payload_type, payload))
        return Envelope(payload_type, payload, (Signature(self.key_id, value),))


class Trust:
    """The public keys whose signatures count. Several stand side by side while a key is being replaced."""

    def __init__(self, public: Iterable[str]) -> None:
        """Take public keys as 32 bytes in base64. Raises `ValueError` for a key that is none."""
        self._keys: Mapping[str, Ed25519PublicKey] = {
            ids.digest_bytes(raw): Ed25519PublicKey.from_public_bytes(raw) for raw in map(_key_bytes, public)
        }

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Return the ids of the trusted keys."""
        return tuple(self._keys)

    def opened(self, envelope: Envelope, payload_type: str) -> bytes:
        """Return the payload once one trusted key has signed it as `payload_type`, otherwise raise `SignatureError`.

        The key a signature names is tried first, then all others: a wrong hint neither helps nor harms.
        """
        if envelope.payload_type != payload_type:
            raise SignatureError(f"this is {envelope.payload_type!r}, not {payload_type}")
        if not envelope.signatures:
            raise SignatureError("it is not signed")
        signed = pae(envelope.payload_type, envelope.payload)
        for signature in envelope.signatures[:_SIGNATURES_MAX]:
            if any(_fits(key, signature.value, signed) for key in self._by_hint(signature.key_id)):
                return envelope.payload
        raise SignatureError("no trusted key has signed it")

    def _by_hint(self, key_id: str) -> list[Ed25519PublicKey]:
        return [self._keys[one] for one in sorted(self._keys, key=lambda known: known != key_id)]


def _fits(key: Ed25519PublicKey, value: bytes, signed: bytes) -> bool:
    try:
        key.verify(value, signed)
    except InvalidSignature:
        return False
    return True


def _decoded(text: Any) -> bytes:
    if not isinstance(text, str):
        raise SignatureError("payload and signatures are base64")
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise SignatureError(f"payload and signatures are base64: {fault}") from fault


def _key_bytes(text: str) -> bytes:
    try:
        raw = _decoded(text.strip())
    except SignatureError as fault:
        raise ValueError("A key is 32 bytes in base64.") from fault
    if len(raw) != _KEY_BYTES:
        raise ValueError(f"A key is 32 bytes in base64; this one has {len(raw)}.")
    return raw
