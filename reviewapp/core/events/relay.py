"""Handing events to their handlers: at least once, in order per subject, surviving any crash.

One transaction covers an entry's lock, the handlers' work and the entry's removal, so a worker that dies in the
middle leaves the entry exactly as it was. An entry waits while an older one of its subject exists: locked by another
worker, waiting for its next attempt, or parked.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction

from reviewapp.core import statements
from reviewapp.core.events import registry
from reviewapp.core.events.models import Event, OutboxEntry

log = logging.getLogger(__name__)

_ENTRY = [field.attname for field in OutboxEntry._meta.concrete_fields]
_EVENT = [field.attname for field in Event._meta.concrete_fields]
_DATA = len(_ENTRY) + _EVENT.index("data")
_LISTED = ", ".join([*(f"entry.{name}" for name in _ENTRY), *(f"event.{name}" for name in _EVENT)])
_CLAIM = f"""
    SELECT {_LISTED} FROM events_outboxentry entry JOIN events_event event ON event.id = entry.event_id
    WHERE parked_at IS NULL AND next_attempt_at <= %s
      AND NOT EXISTS (
          SELECT 1 FROM events_outboxentry older
          WHERE older.subject_key = entry.subject_key AND older.seq < entry.seq
      )
    ORDER BY seq LIMIT 1 FOR UPDATE OF entry SKIP LOCKED
"""  # noqa: S608 - names of columns
_DONE = "DELETE FROM events_outboxentry WHERE seq = %s::int8"


def relay_one(now: datetime) -> bool:
    """Hand on the oldest entry that may go; return whether there was one.

    A handler that fails is rolled back alone; the others' work and the record of the failure are kept.
    """
    with transaction.atomic():
        # Planned anew each time: a plan for the empty table that it mostly is would take long once there is a backlog.
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [now])
            row = cursor.fetchone()
        if row is None:
            return False
        entry = _entry(list(row))
        fault = _run_handlers(entry)
        if fault is None:
            statements.run(_DONE, [entry.seq])
        else:
            _postpone(entry, now, fault)
    return True


def _entry(row: list[Any]) -> OutboxEntry:
    row[_DATA] = orjson.loads(row[_DATA])
    entry = OutboxEntry.from_db(None, _ENTRY, row[: len(_ENTRY)])
    entry.event = Event.from_db(None, _EVENT, row[len(_ENTRY) :])
    return entry


def _run_handlers(entry: OutboxEntry) -> str | None:
    for name, handler in registry.handlers_of(entry.event.type).items():
        if name in entry.done:
            continue
        try:
            with transaction.atomic():
                handler(entry.event)
        except Exception as fault:  # one handler's fault must not stop the log, whatever it is; it is kept and counted
            log.exception("handler %s failed on event %s", name, entry.event_id)
            return f"{name}: {type(fault).__name__}: {fault}"[:2000]
        entry.done.append(name)
    return None


def _postpone(entry: OutboxEntry, now: datetime, fault: str) -> None:
    entry.attempts += 1
    entry.last_error = fault
    # 1, 2, 4 ... 512 seconds: short enough for a restarted database, long enough not to burn a worker.
    entry.next_attempt_at = now + timedelta(seconds=min(2 ** (entry.attempts - 1), 512))
    if entry.attempts >= settings.EVENT_MAX_ATTEMPTS:
        entry.parked_at = now
    entry.save()


def replay_parked(*, now: datetime) -> int:
    """Give every parked entry a fresh start; return how many. Used by operators after the cause is mended."""
    return OutboxEntry.objects.filter(parked_at__isnull=False).update(parked_at=None, attempts=0, next_attempt_at=now)


def backlog() -> dict[str, int]:
    """Return how many entries wait and how many are parked."""
    return {
        "waiting": OutboxEntry.objects.filter(parked_at__isnull=True).count(),
        "parked": OutboxEntry.objects.filter(parked_at__isnull=False).count(),
    }
