"""Is this webhook ours? Standard Webhooks 1.0: HMAC-SHA256 over id, time and body, several signatures while keys change."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import BadSignature

PREFIX = "whsec_"
TOLERANCE = 300.0


def sign(body: bytes, *, message_id: str, timestamp: int, secrets: Sequence[str]) -> str:
    """Return the value of `webhook-signature`: one signature a secret. Raises ValueError for a secret that is none."""
    return " ".join(f"v1,{_signature(body, message_id, str(timestamp), secret)}" for secret in secrets)


def verify(
    body: bytes, headers: Mapping[str, str], *, secrets: str | Sequence[str], now: float, tolerance: float = TOLERANCE
) -> dict[str, Any]:
    """Return the event in a webhook's body once it is proven to come from Countersign, and now.

    `now` is seconds since 1970; a message more than `tolerance` seconds away from it is a replay. Pass the body as it
    came, before any parsing. `webhook-id` is the same on every repeat: handle each id once.

    Raises:
        BadSignature: a header is missing, the time is off, no signature fits, or the body is not a JSON object.
        ValueError: a secret is not one (`whsec_` and Base64).
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, stamp, signatures = (given[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        away = abs(now - int(stamp))
    except KeyError as missing:
        raise BadSignature(f"The header {missing} is missing.") from None
    except ValueError:
        raise BadSignature("The header 'webhook-timestamp' is not a number of seconds.") from None
    if away > tolerance:
        raise BadSignature(f"The message is {away:.0f} s away from now; at most {tolerance:.0f} s are accepted.")
    _check_any(body, message_id, stamp, signatures, [secrets] if isinstance(secrets, str) else secrets)
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise BadSignature("The body is not a JSON object.")
    return event


def _check_any(body: bytes, message_id: str, stamp: str, signatures: str, secrets: Sequence[str]) -> None:
    expected = [_signature(body, message_id, stamp, secret).encode() for secret in secrets]
    offered = [
        value.encode() for scheme, _, value in (one.partition(",") for one in signatures.split()) if scheme == "v1"
    ]
    # Every pair is compared, each in constant time, so that how long it takes tells nothing about which one fits.
    if not any([hmac.compare_digest(one, other) for one in offered for other in expected]):  # noqa: C419
        raise BadSignature("No signature of this message was made with a secret that is known here.")


def _signature(body: bytes, message_id: str, stamp: str, secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(f"A webhook secret is {PREFIX} followed by Base64.") from None
    content = b".".join((message_id.encode(), stamp.encode(), body))
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()
