"""Taking in what is known of entities: history in PostgreSQL, then the newest online in Redis.

There is no event for a batch: the rows themselves are append-only and say who sent them and when.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson
from django.conf import settings
from django.db import connection, transaction

from agents.contracts import features as terms
from agents.selectors import online
from agents.selectors.features import Definition
from agents.selectors.online import Place, RedisError
from agents.services import online as mirror
from agents.services.online import Entry
from reviewapp.core import clock, events
from reviewapp.core.errors import Invalid

log = logging.getLogger(__name__)

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_MEMBERS = {"entity", "event_time", "values"}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row: "stored", a "repeat" of one that was there, or "refused" with what is wrong by path."""

    status: Literal["stored", "repeat", "refused"]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch. `online` is False while Redis is away: the values get there by themselves later."""

    results: tuple[Result, ...]
    online: bool

    def count(self, status: str) -> int:
        """Return how many rows have this status."""
        return sum(result.status == status for result in self.results)


@dataclass(frozen=True, slots=True)
class _Row:
    entity: str
    event_time: datetime
    digest: str
    values: str

    @property
    def key(self) -> tuple[str, datetime, str]:
        return (self.entity, self.event_time, self.digest)


def ingest(*, view: Definition, rows: Any, by: events.Actor) -> Ingested:
    """Take in rows of a view's version ({"entity", "event_time", "values"}); each stands or falls by itself.

    A row says all that is known of its entity from `event_time` on: features it leaves out are not known. Sending the
    same row again changes nothing. The history is committed first, and only then do the online values follow, so this
    must not run inside a transaction that may still be undone. Raises `Invalid` when `rows` is no list, is empty or is
    longer than the limit.
    """
    if not isinstance(rows, list) or not 0 < len(rows) <= settings.FEATURE_MAX_ROWS:
        mend = f"Send a list of 1 to {settings.FEATURE_MAX_ROWS:,} rows."
        raise Invalid("The rows cannot be taken in.", fields={"rows": mend})
    now = clock.now()
    read = [_read(row, view, now) for row in rows]
    good = {row.key: row for row in read if isinstance(row, _Row)}
    with transaction.atomic():
        arrived = _insert(view, list(good.values()), now, f"{by.kind}:{by.id}")
    reached = _publish(view, list(good.values()), arrived, now)
    results: list[Result] = []
    seen: set[tuple[str, datetime, str]] = set()
    for row in read:
        if not isinstance(row, _Row):
            results.append(Result("refused", row))
        else:
            fresh = row.key not in arrived and row.key not in seen
            results.append(Result("stored" if fresh else "repeat", {}))
            seen.add(row.key)
    return Ingested(tuple(results), reached)


def _read(row: Any, view: Definition, now: datetime) -> "_Row | dict[str, str]":
    if not isinstance(row, Mapping):
        return {"": "A row is an object with entity, event_time and values."}
    found = {str(name): f"Known are {', '.join(sorted(_MEMBERS))}." for name in set(row) - _MEMBERS}
    entity = terms.entity_text(row.get("entity"))
    if not entity or "\x00" in entity:
        found["entity"] = f"Give the id of the {view.spec.entity}: 1 to {terms.LONGEST_ENTITY} characters."
    moment = _moment(row.get("event_time"), now)
    if isinstance(moment, str):
        found["event_time"] = moment
    values = row.get("values")
    found |= view.spec.check(values)
    if found or isinstance(moment, str):
        return found
    content = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    return _Row(entity, moment, hashlib.sha256(content).hexdigest()[:32], content.decode())


def _moment(value: Any, now: datetime) -> datetime | str:
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC) if _zoned(value) else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        return "Say when it happened, with the zone: 2026-01-31T12:00:00Z."
    if moment < _EARLIEST:
        return "This is before the year 2000. Check the unit of the clock it comes from."
    if moment > now + timedelta(seconds=settings.FEATURE_CLOCK_SKEW_SECONDS):
        return "This lies in the future. Check the sender's clock."
    return moment


def _zoned(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 40 and datetime.fromisoformat(value).tzinfo is not None


# One statement for the batch; what was there already comes back with the time it first arrived.
_INSERT = """
    WITH sent AS (
        SELECT * FROM unnest(%(entities)s::text[], %(moments)s::timestamptz[], %(digests)s::text[], %(values)s::text[])
            AS row (entity, event_time, digest, content)
    ), stored AS (
        INSERT INTO agents_featurevalue (version_id, entity, event_time, digest, "values", ingested_at, ingested_by)
        SELECT %(version)s, entity, event_time, digest, content::jsonb, %(now)s, %(by)s FROM sent
        ON CONFLICT DO NOTHING RETURNING entity, event_time, digest
    )
    SELECT entity, event_time, digest FROM stored
"""
_PRESENT = """
    SELECT present.entity, present.event_time, present.digest, present.ingested_at
    FROM unnest(%(entities)s::text[], %(moments)s::timestamptz[], %(digests)s::text[]) AS sent (entity, moment, digest)
    JOIN agents_featurevalue AS present ON present.version_id = %(version)s AND present.entity = sent.entity
        AND present.event_time = sent.moment AND present.digest = sent.digest
"""


def _insert(
    view: Definition, rows: Sequence[_Row], now: datetime, by: str
) -> dict[tuple[str, datetime, str], datetime]:
    """Insert what is new; return when each of the others first arrived."""
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {**_columns(rows), "version": view.id, "now": now, "by": by})
        stored = {tuple(row) for row in cursor.fetchall()}
        rest = [row for row in rows if row.key not in stored]
        if not rest:
            return {}
        cursor.execute(_PRESENT, {**_columns(rest), "version": view.id})
        return {(entity, moment, digest): arrived for entity, moment, digest, arrived in cursor.fetchall()}


def _columns(rows: Sequence[_Row]) -> dict[str, list[Any]]:
    return {
        "entities": [row.entity for row in rows],
        "moments": [row.event_time for row in rows],
        "digests": [row.digest for row in rows],
        "values": [row.values for row in rows],
    }


def _publish(
    view: Definition, rows: Sequence[_Row], arrived: Mapping[tuple[str, datetime, str], datetime], now: datetime
) -> bool:
    """Write online what is newest of each entity, repeats too: sending again mends what Redis missed."""
    best: dict[str, Entry] = {}
    for row in rows:
        rank = online.rank(row.event_time, arrived.get(row.key, now), row.digest)
        if row.entity not in best or best[row.entity].rank < rank:
            best[row.entity] = Entry(Place(view.spec.name, view.version, row.entity), rank, row.values)
    try:
        mirror.push(best.values())
    except RedisError as fault:
        log.warning("%d features of %s wait for Redis: %s", len(best), view.spec.name, fault)
        return False
    return True
