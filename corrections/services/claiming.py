"""Claiming by one statement: the right to the queue, the choice and the lease are one thing, and the case comes with it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection

from corrections.selectors import involved, skills, taken
from corrections.selectors.taken import Taken
from reviewapp.core import clock, events, statements
from reviewapp.core.accounts import keys
from reviewapp.core.events import inline, live

events.external("task.claimed")

# One person holds few tasks at a time: more would only sit in somebody's tabs while others could work on them.
MAX_HELD = 5

_LATE = {
    "task": "named.id::text",
    "decision": "named.decision_id::text",
    "agent": "named.slug",
    "kind": "named.kind",
    '"seat"': "named.seat::text",
}
# Chosen with SKIP LOCKED, so two reviewers never get one task and none waits for another. "+ 0" and OFFSET 0 are for the
# planner, which would read all that a person ever judged, or holds, to find out whether this decision is among it: the
# decision's few rows are looked at instead, however much there is.
_CLAIM = statements.told_once(f"""
    WITH asked AS MATERIALIZED (
        SELECT q.id, q.lease_seconds, a.slug, (
            SELECT count(*) FROM corrections_task held
            WHERE held.lease_holder_id = %(user)s::int8 AND held.state = 'open' AND held.lease_until > %(now)s::timestamptz
        ) AS held
        FROM corrections_queue q JOIN agents_agent a ON a.id = q.agent_id
        WHERE q.id = %(queue)s::uuid AND q.paused_at IS NULL AND {keys.PERSON_STANDS} AND {taken.MAY_WORK}
          AND {skills.CERTIFIED}
    ), taken AS (
        UPDATE corrections_task SET lease_holder_id = %(user)s::int8, lease_token = lease_token + 1,
            lease_until = %(now)s::timestamptz + (SELECT lease_seconds FROM asked) * interval '1 second'
        WHERE id = (
            SELECT task.id FROM corrections_task task
            WHERE task.queue_id = (SELECT id FROM asked WHERE held < {MAX_HELD}) AND task.state = 'open'
              AND (task.lease_until IS NULL OR task.lease_until <= %(now)s::timestamptz)
              AND (task.reserved_for_id IS NULL OR task.reserved_for_id = %(user)s::int8)
              AND NOT {involved.sql("task.decision_id", own="task.reserved_for_id IS DISTINCT FROM %(user)s::int8")}
              AND NOT EXISTS (
                  SELECT FROM corrections_task held
                  WHERE held.decision_id = task.decision_id AND held.lease_holder_id + 0 = %(user)s::int8
                    AND held.state = 'open' AND held.id <> task.id OFFSET 0
              )
              AND NOT EXISTS (
                  SELECT FROM corrections_handover handed
                  WHERE handed.decision_id = task.decision_id AND (handed.kind, handed.seat) <> (task.kind, task.seat)
                    AND %(user)s::int8 IN (handed.handed_by_id, handed.receiver_id)
              )
            ORDER BY task.priority DESC, task.due_at, task.id
            LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING *
    ), named AS (
        SELECT taken.*, asked.slug FROM taken, asked
    ), {inline.with_late_change("named", _LATE)}
    SELECT asked.held, {taken.COLUMNS} FROM asked
    JOIN corrections_queue q ON q.id = asked.id
    LEFT JOIN (taken t JOIN agents_decision d ON d.id = t.decision_id JOIN agents_agent a ON a.id = d.agent_id) ON true
""")  # noqa: S608 - texts of the code


# As often as one person may hold tasks, their windows can come between each other.
_TRIES = MAX_HELD


class Unsure(Exception):
    """Nothing was claimed, and why takes more than one statement to tell."""


def _chosen(values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Run the statement; once more when another window of theirs was given a seat of the same decision at that instant."""
    for _ in range(_TRIES):
        try:
            return statements.run(_CLAIM, values).fetchone()
        except IntegrityError as fault:
            if "task_one_seat_held" not in str(fault) or connection.in_atomic_block:
                raise
    raise Unsure


def claim(*, queue_id: UUID, key_id: UUID | None = None, by: events.Actor) -> Taken | None:
    """Give a person the most urgent task of a queue that they may judge, or None when there is none.

    With `key_id` only while that key of theirs stands. Raises `Unsure` when nothing was claimed for another reason: no
    such queue, a right that is missing, a key that fell, or as many tasks held as one can work on.
    """
    late = inline.Late()
    told = inline.late_values(
        "task.claimed",
        subject=("decision", late("decision")),
        actor=by,
        scope=late("agent"),
        data={"task": late("task"), "queue": str(queue_id), "kind": late("kind"), "seat": late("seat")},
        late=late,
    )
    values = {"queue": queue_id, "user": int(by.id), "key": key_id, "now": clock.now(), **told}
    row = _chosen(values)
    if row is None or (row[0] >= MAX_HELD and row[1] is None):
        raise Unsure
    if row[1] is None:
        return None
    found = taken.of_row(row[1:], user_id=int(by.id))
    claimed = {"task": str(found.task_id), "event": "task.claimed"}
    live.push_all({f"queue.{found.queue_id}": claimed, f"task.{found.task_id}": claimed})
    return found
