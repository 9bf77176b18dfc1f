"""The one clock. Everything below the edge takes time as an argument; the edge asks here."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(tz=UTC)  # noqa: TID251 - the one place that may ask
