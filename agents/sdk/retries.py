"""When to ask again: exponential backoff with full jitter, and never sooner than the server said.

Full jitter (a uniform draw between nothing and the exponential bound) spreads the repeats of many clients best:
Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import randbelow

import httpx

# 429 and 503 say so themselves; a proxy that is restarting answers 502 and 504. With an idempotency key all are safe.
PASSING = frozenset({429, 502, 503, 504})


def uniform() -> float:
    """Return a number from 0 up to 1 that no two clients share."""
    return randbelow(1_000_000) / 1_000_000


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how long apart. `base` and `cap` are seconds; a server that asks for more than `patience` is down."""

    count: int = 2
    base: float = 0.2
    cap: float = 10.0
    patience: float = 30.0
    draw: Callable[[], float] = field(default=uniform)

    def pause(self, attempt: int, asked: float | None) -> float | None:
        """Return the seconds to wait after attempt 0, 1, … failed; None when it is not worth asking again.

        `asked` is what the server's Retry-After said: the wait is at least that, plus the jitter.
        """
        if attempt >= self.count or (asked is not None and asked > self.patience):
            return None
        jitter: float = self.draw() * min(self.cap, self.base * 2**attempt)
        return (asked or 0.0) + jitter


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that a response asks to wait (RFC 9110, 10.2.3: a number or a date), None without one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        # The oldest form names no zone; HTTP dates are in UTC.
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        since = parsedate_to_datetime(response.headers["Date"]) if "Date" in response.headers else datetime.now(UTC)  # noqa: TID251  # the SDK has no server's clock
        return max(0.0, (when - since).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
