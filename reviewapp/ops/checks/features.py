"""The feature store: Redis against the history, the stream, the coming month's partition."""

from django.conf import settings
from django.db import DatabaseError

from agents.selectors import feature_health
from agents.selectors.online import RedisError
from reviewapp.core import clock
from reviewapp.ops.checks.finding import Finding, fault, well

# Redis follows every 15 s and the stream is drained every 2 s; ten times that has nobody to do it.
BEHIND_SECONDS_MAX = 150.0
WAITING_MAX = 50_000


def store() -> list[Finding]:
    """Look at the feature store; nothing to say while PostgreSQL or Redis is away, others say that."""
    try:
        found = feature_health.store(now=clock.now())
    except (RedisError, DatabaseError, OSError):
        return []
    return [_online(found), _stream(found), _months(found)]


def _online(found: feature_health.Store) -> Finding:
    if not found.views:
        return well("features", "online", "no views yet")
    if found.behind_seconds is None or found.behind_seconds > BEHIND_SECONDS_MAX:
        since = "never" if found.behind_seconds is None else f"{found.behind_seconds:.0f} s ago"
        mend = "Start beat and a worker; manage.py rebuild_features does it at once."
        return fault("features", "online", f"brought up to date {since}", mend)
    return well("features", "online", f"{found.views} views, up to date {found.behind_seconds:.0f} s ago")


def _stream(found: feature_health.Store) -> Finding:
    if found.waiting > WAITING_MAX:
        return fault("features", "stream", f"{found.waiting:,} entries wait", "Start beat and a worker, or send less.")
    if found.refused:
        key = f"{settings.FEATURE_PREFIX}refused"
        mend = f"Read why with XRANGE {key} - + COUNT 10, mend the sender, then DEL {key}."
        return fault("features", "stream", f"{found.refused:,} entries were refused", mend)
    return well("features", "stream", f"{found.waiting} entries wait, none refused")


def _months(found: feature_health.Store) -> Finding:
    if found.months_made:
        return well("features", "history", "next month's partitions are there, decisions' too")
    return fault("features", "history", "next month lacks a partition", "Start beat and a worker: they make it.")
