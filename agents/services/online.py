"""Writing the online values, and making them again from PostgreSQL. All that Redis holds of features can be rebuilt."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from agents.models import FeatureVersion
from agents.selectors import online
from agents.selectors.online import Place, RedisError
from reviewapp.core import clock

log = logging.getLogger(__name__)

# For every key: write unless what is there is as new. One script is one step, so two writers cannot interleave.
_NEWEST_WINS = """
local written = 0
for at, key in ipairs(KEYS) do
  local rank = ARGV[2 * at - 1]
  local present = redis.call('HGET', key, 'r')
  if not present or present < rank then
    redis.call('HSET', key, 'r', rank, 'v', ARGV[2 * at])
    written = written + 1
  end
end
return written
"""
_CHUNK = 500
# A transaction that began before our look and ends after it brings rows with an earlier time of arrival.
_OVERLAP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Entry:
    """What to write at a place: the rank decides whether it is newer, the values are JSON."""

    place: Place
    rank: str
    values: str


def push(entries: Iterable[Entry]) -> int:
    """Write entries where they are newer than what is there; return how many were. Any order gives the same end.

    Raises `RedisError` when the store does not answer.
    """
    store = online.client(settings.FEATURE_WRITE_SECONDS)
    script = store.register_script(_NEWEST_WINS)
    written = 0
    for chunk in _chunks(entries):
        pairs = [part for entry in chunk for part in (entry.rank, entry.values)]
        written += int(script(keys=[online.key(entry.place) for entry in chunk], args=pairs))
    return written


def follow() -> int | None:
    """Write what arrived in the history since the last look; everything, when Redis was emptied. Return how many.

    So whatever a broken connection or a restart kept from Redis gets there by itself. None while Redis is away.
    """
    began = clock.now()
    store = online.client(settings.FEATURE_WRITE_SECONDS)
    try:
        mark = store.get(_mark())
        since = datetime.fromisoformat(mark.decode()) - _OVERLAP if isinstance(mark, bytes) else None
        written = push(_stored(since))
        store.set(_mark(), began.isoformat())
    except RedisError as fault:
        log.warning("online features are behind until Redis is back: %s", fault)
        return None
    return written


def rebuild(*, view: str | None = None) -> int:
    """Write the newest value of every entity (of one view's versions, or of all) again; return how many were newer.

    What Redis has is replaced only by what is newer: while this runs, decisions read on. Raises `RedisError` when Redis
    is away.
    """
    began = clock.now()
    written = push(_stored(None, view=view))
    if view is None:
        online.client(settings.FEATURE_WRITE_SECONDS).set(_mark(), began.isoformat())
    return written


_NEWEST = """
    SELECT DISTINCT ON (entity) entity, event_time, ingested_at, digest, "values"::text FROM agents_featurevalue
    WHERE version_id = %s AND ingested_at >= COALESCE(%s, '-infinity'::timestamptz)
    ORDER BY entity, event_time DESC, ingested_at DESC, digest DESC
"""


def _stored(since: datetime | None, *, view: str | None = None) -> Iterator[Entry]:
    versions = FeatureVersion.objects.select_related("view")
    if view is not None:
        versions = versions.filter(view__name=view)
    for version in versions:
        for entity, event_time, ingested_at, digest, values in _newest(version.pk, since):
            place = Place(version.view.name, version.version, entity)
            yield Entry(place, online.rank(event_time, ingested_at, digest), values)


def _newest(version_id: UUID, since: datetime | None) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [version_id, since])
        while rows := cursor.fetchmany(_CHUNK):
            yield from rows


def _mark() -> str:
    """Return the key that remembers up to which time of arrival the history has been written here."""
    return f"{settings.FEATURE_PREFIX}through"


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
