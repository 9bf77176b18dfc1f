"""Months whose time to be kept is over leave: their partition is detached, never dropped.

A month leaves in two steps. First what must stay is copied into a lean table, while everybody goes on working. Then, in
one transaction with the event, the whole month is detached under the name <table>_<month>_left and the lean table takes
its place. Only the second step locks, for milliseconds; when it does not get its locks soon, the next turn tries again.
DETACH … CONCURRENTLY is no way: PostgreSQL refuses it beside a default partition.
"""

import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction

from agents.models import Decision, DecisionKey, FeatureValue
from reviewapp.core import events

log = logging.getLogger(__name__)

events.external("partition.detached")
# The oldest first, and no more than this at once: a deployment that sets a limit late gives up years in some hours.
_AT_ONCE = 3
# Somebody who answers holds a decision and then the table of answers, we the other way round: one of the two must give
# up, and that is us, well before PostgreSQL calls it a deadlock (after a second) and chooses for itself.
_ATTEMPTS, _PAUSE = 5, 0.2


@dataclass(frozen=True, slots=True)
class Left:
    """A month that left: the table it is now, its rows, and how many of them stayed in place as well."""

    table: str
    rows: int
    kept: int


@dataclass(frozen=True, slots=True)
class _History:
    """A partitioned table. `stays` is SQL that is true of a row `d` of %(part)s that must stay; `named_in` are the
    tables that name its rows, by whose `decision_id` they stay too; `keys` is a table whose rows go with them."""

    table: str
    days: int
    stays: str
    named_in: Sequence[str] = ()
    keys: str = ""


@dataclass(frozen=True, slots=True)
class _Month:
    """A partition: `bound` is what PostgreSQL says of its range, `low` and `high` are the moments it lies between."""

    name: str
    bound: str
    low: datetime
    high: datetime


def detach_due(*, now: datetime, by: events.Actor) -> list[Left]:
    """Detach the months of decisions and of features that are past their retention; return those that left.

    What stays of decisions: all that a person was asked about, and all that another table names (answers, tasks,
    corrections, outcomes). What stays of features: what a reader of any later moment would get.
    """
    return [left for history in (_decisions(), _features()) if history.days for left in _detach(history, now, by)]


def _decisions() -> _History:
    return _History(
        table=Decision._meta.db_table,
        days=settings.DECISION_RETENTION_DAYS,
        stays="d.status <> 'auto'",
        # Whatever refers to decisions, in every app: a new table is looked at without a word here.
        named_in=sorted({one.related_model._meta.db_table for one in Decision._meta.related_objects}),
        keys=DecisionKey._meta.db_table,
    )


def _features() -> _History:
    # At any moment after the month, of the month only the newest row that had come by then counts. Late rows all stay:
    # for moments before they came they do not count, and the one before them does.
    newest = """
        d.ingested_at >= %(high)s OR NOT EXISTS (
            SELECT 1 FROM %(part)s later
            WHERE later.version_id = d.version_id AND later.entity = d.entity AND later.ingested_at < %(high)s
              AND (later.event_time, later.ingested_at, later.digest) > (d.event_time, d.ingested_at, d.digest)
        )
    """
    return _History(FeatureValue._meta.db_table, settings.FEATURE_RETENTION_DAYS, newest)


def _detach(history: _History, now: datetime, by: events.Actor) -> list[Left]:
    gone: list[Left] = []
    for month in _due(history, now - timedelta(days=history.days))[:_AT_ONCE]:
        try:
            _make(month)
            with connection.cursor() as cursor:
                # By itself: however long copying takes, it holds nobody up.
                _fill(cursor, history, month)
            gone.append(_swapped(history, month, by))
        except OperationalError as fault:
            log.warning("%s stays for now: %s", month.name, fault)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {month.name}_kept")
            break
    return gone


def _swapped(history: _History, month: _Month, by: events.Actor) -> Left:
    """Swap, a few times if others hold the tables. Raises `OperationalError` when they do each time."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _swap(history, month, by)
        except OperationalError:
            time.sleep(_PAUSE)
    return _swap(history, month, by)


def _due(history: _History, before: datetime) -> list[_Month]:
    """Return the partitions that end by `before` and have not left yet, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT part.relname, pg_get_expr(part.relpartbound, part.oid) FROM pg_inherits"
            " JOIN pg_class part ON part.oid = inhrelid"
            " WHERE inhparent = %s::regclass AND to_regclass(part.relname || '_left') IS NULL ORDER BY 1",
            [history.table],
        )
        found = [_month(history, name, bound) for name, bound in cursor.fetchall()]
    return [month for month in found if month and month.high <= before]


def _month(history: _History, name: str, bound: str) -> _Month | None:
    told = re.fullmatch(rf"{history.table}_(\d{{4}})(\d\d)", name)
    if told is None:
        return None
    year, month = int(told[1]), int(told[2])
    high = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return _Month(name, bound, datetime(year, month, 1, tzinfo=UTC), high)


def _patience(cursor: Any) -> None:
    cursor.execute("SET LOCAL lock_timeout = %s", [f"{round(settings.RETENTION_LOCK_SECONDS * 1000)}ms"])


@transaction.atomic
def _make(month: _Month) -> None:
    """Make the lean table with everything that lets it be attached without a look at its rows."""
    lean = f"{month.name}_kept"
    with connection.cursor() as cursor:
        _patience(cursor)
        # Of an earlier turn that was cut off.
        cursor.execute(f"DROP TABLE IF EXISTS {lean}")
        cursor.execute(f"CREATE TABLE {lean} (LIKE {month.name} INCLUDING ALL)")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            [month.name],
        )
        for (definition,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {lean} ADD {definition}")
        cursor.execute("SELECT pg_get_partition_constraintdef(%s::regclass)", [month.name])
        cursor.execute(f"ALTER TABLE {lean} ADD CONSTRAINT in_month CHECK ({cursor.fetchone()[0]})")


def _fill(cursor: Any, history: _History, month: _Month) -> None:
    """Copy what must stay and is not in the lean table yet."""
    named = [f"d.id IN (SELECT decision_id FROM {table})" for table in history.named_in]  # noqa: S608 - tables of ours
    stays = " OR ".join([f"({history.stays})", *named]) % {"part": month.name, "high": f"'{month.high.isoformat()}'"}
    # The default schema's tables only, by names that the catalogue gave.
    cursor.execute(f"INSERT INTO {month.name}_kept SELECT d.* FROM {month.name} d WHERE {stays} ON CONFLICT DO NOTHING")  # noqa: S608


@transaction.atomic
def _swap(history: _History, month: _Month, by: events.Actor) -> Left:
    lean, left = f"{month.name}_kept", f"{month.name}_left"
    with connection.cursor() as cursor:
        _patience(cursor)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"SELECT count(*) FROM {month.name}")  # noqa: S608 - see above
        rows = cursor.fetchone()[0]
        if history.named_in:
            # Nobody may begin to name a row between the last look and the moment it leaves.
            cursor.execute(f"LOCK TABLE {', '.join(history.named_in)} IN SHARE ROW EXCLUSIVE MODE")
            _fill(cursor, history, month)
        cursor.execute(f"SELECT count(*) FROM {lean}")  # noqa: S608 - see above
        kept = cursor.fetchone()[0]
        if history.keys:
            cursor.execute(
                f"DELETE FROM {history.keys} k USING {month.name} d"  # noqa: S608 - see above
                " WHERE k.agent_id = d.agent_id AND k.key = d.idempotency_key AND k.decision_id = d.id"
                f" AND NOT EXISTS (SELECT 1 FROM {lean} WHERE {lean}.id = d.id)"
            )
        cursor.execute(f"ALTER TABLE {history.table} DETACH PARTITION {month.name}")
        cursor.execute(f"ALTER TABLE {month.name} RENAME TO {left}")
        cursor.execute(f"ALTER TABLE {lean} RENAME TO {month.name}")
        cursor.execute(f"ALTER TABLE {history.table} ATTACH PARTITION {month.name} {month.bound}")
        cursor.execute(f"ALTER TABLE {month.name} DROP CONSTRAINT in_month")
        for statement in _guards(history.table, month.name, left):
            cursor.execute(statement)
    events.record(
        "partition.detached",
        subject=("partition", left),
        actor=by,
        data={
            "table": history.table,
            "from": month.low.isoformat(),
            "to": month.high.isoformat(),
            "rows": rows,
            "kept": kept,
            "retention_days": history.days,
        },
    )
    return Left(left, rows, kept)


def _guards(table: str, lean: str, left: str) -> list[str]:
    """Detaching takes the row triggers of the table along, and statement triggers do not come with attaching."""
    function = f"EXECUTE FUNCTION {table}_append_only()"
    return [
        f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {lean} FOR EACH STATEMENT {function}",
        f"CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON {left} FOR EACH ROW {function}",
    ]
