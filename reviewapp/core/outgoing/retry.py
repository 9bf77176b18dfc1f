"""When a receiver says to come back."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 86_400.0


def asked(text: str, *, now: datetime) -> float | None:
    """Return how many seconds a `Retry-After` header asks to wait, None when it says nothing that can be kept to.

    RFC 9110, 10.2.3: whole seconds, or an HTTP date in any of its three forms, measured from `now`. At most a day: a
    receiver cannot put its messages off for longer than the longest wait of our own.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        # Longer numbers than this are no number of seconds, and some too long to convert.
        return min(float(text[:12]), _LONGEST)
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    # The oldest form names no zone; all three are in UTC.
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(0.0, (when - now).total_seconds()), _LONGEST)
