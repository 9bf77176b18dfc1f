"""What a webhook is made of: signature, CloudEvents body, and the times of its retries.

Standard Webhooks 1.0 (standardwebhooks.com), symmetric signatures; CloudEvents 1.0.2, JSON format, structured mode.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
PREFIX = "whsec_"
# Seconds: the first retry within 10, each later one up to four times as late, never more than a day.
_FIRST, _FACTOR, _LONGEST = 10.0, 4.0, 86_400.0
# Four and a half days at the longest, half of that on average.
ATTEMPTS = 11


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return `v1,<base64>`: HMAC-SHA-256 over `<id>.<timestamp>.<body>` under the bytes that the secret encodes.

    `timestamp` is in Unix seconds. Raises `ValueError` for a secret that is no base64.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as fault:
        raise ValueError("the secret is no base64") from fault
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def headers(secrets: Sequence[str], *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of one sending, signed with every one of `secrets`: during a rotation there are two."""
    signed = [signature(one, message_id=message_id, timestamp=timestamp, body=body) for one in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signed),
        "content-type": CONTENT_TYPE,
    }


def envelope(
    *, event_id: str, kind: str, source: str, subject: str, at: datetime, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a CloudEvents document. `source` is a URI and `event_id` unique within it; `at` knows its zone."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "subject": subject,
        "time": at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": dict(data),
    }


def delay(attempts: int, *, share: float) -> float:
    """Return how many seconds to wait after `attempts` failures: exponential with full jitter.

    `share` is drawn evenly from [0, 1). After AWS Architecture Blog, "Exponential Backoff And Jitter" (2015): spread over
    the whole interval, senders that failed together do not come back together.
    """
    return share * min(_LONGEST, _FIRST * _FACTOR ** max(0, attempts - 1))


def probe(failing: float, *, share: float) -> float:
    """Return how many seconds to leave an endpoint alone that has failed for `failing` seconds, whatever waits for it.

    Half as long as it has failed already, at least 5 seconds and at most 5 minutes, with equal jitter: a receiver that
    hangs takes less and less of the senders' time, and one that comes back is found soon. `share` as for `delay`.
    """
    return min(300.0, max(5.0, failing / 2)) * (0.5 + share / 2)
