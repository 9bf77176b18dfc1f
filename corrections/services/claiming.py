"""Claiming by one statement: the right to the queue, the choice and the lease are one thing, and the case comes with it."""

from uuid import UUID

from django.db import transaction

from corrections.selectors import taken
from corrections.selectors.taken import Taken
from reviewapp.core import clock, events, statements
from reviewapp.core.accounts import keys
from reviewapp.core.events import live

# One person holds few tasks at a time: more would only sit in somebody's tabs while others could work on them.
MAX_HELD = 5

# Chosen with SKIP LOCKED, so two reviewers never get one task and none waits for another.
_CLAIM = statements.told_once(f"""
    WITH asked AS MATERIALIZED (
        SELECT q.id, q.lease_seconds, (
            SELECT count(*) FROM corrections_task held
            WHERE held.lease_holder_id = %(user)s::int8 AND held.state = 'open' AND held.lease_until > %(now)s::timestamptz
        ) AS held
        FROM corrections_queue q WHERE q.id = %(queue)s::uuid AND {keys.PERSON_STANDS} AND {taken.MAY_WORK}
    ), taken AS (
        UPDATE corrections_task SET lease_holder_id = %(user)s::int8, lease_token = lease_token + 1,
            lease_until = %(now)s::timestamptz + (SELECT lease_seconds FROM asked) * interval '1 second'
        WHERE id = (
            SELECT task.id FROM corrections_task task
            WHERE task.queue_id = (SELECT id FROM asked WHERE held < {MAX_HELD}) AND task.state = 'open'
              AND (task.lease_until IS NULL OR task.lease_until <= %(now)s::timestamptz)
              AND (task.reserved_for_id IS NULL OR task.reserved_for_id = %(user)s::int8)
              AND NOT EXISTS (
                  SELECT 1 FROM corrections_correction mine
                  WHERE mine.decision_id = task.decision_id AND mine.author_id = %(user)s::int8
                    AND task.reserved_for_id IS DISTINCT FROM %(user)s::int8
              )
              AND NOT EXISTS (
                  SELECT 1 FROM corrections_task held
                  WHERE held.decision_id = task.decision_id AND held.lease_holder_id = %(user)s::int8
                    AND held.state = 'open' AND held.lease_until > %(now)s::timestamptz AND held.id <> task.id
              )
            ORDER BY task.priority DESC, task.due_at, task.id
            LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING *
    )
    SELECT asked.held, {taken.COLUMNS} FROM asked
    JOIN corrections_queue q ON q.id = asked.id
    LEFT JOIN (taken t JOIN agents_decision d ON d.id = t.decision_id JOIN agents_agent a ON a.id = d.agent_id) ON true
""")  # noqa: S608 - texts of the code


class Unsure(Exception):
    """Nothing was claimed, and why takes more than one statement to tell."""


def claim(*, queue_id: UUID, key_id: UUID | None = None, by: events.Actor) -> Taken | None:
    """Give a person the most urgent task of a queue that they may judge, or None when there is none.

    With `key_id` only while that key of theirs stands. Raises `Unsure` when nothing was claimed for another reason: no
    such queue, a right that is missing, a key that fell, or as many tasks held as one can work on.
    """
    values = {"queue": queue_id, "user": int(by.id), "key": key_id, "now": clock.now()}
    with transaction.atomic():
        row = statements.run(_CLAIM, values).fetchone()
        if row is None or (row[0] >= MAX_HELD and row[1] is None):
            raise Unsure
        if row[1] is None:
            return None
        found = taken.of_row(row[1:])
        events.record(
            "task.claimed",
            subject=("decision", str(found.decision.id)),
            actor=by,
            scope=found.decision.agent_slug,
            data={"task": str(found.task_id), "queue": str(found.queue_id), "kind": found.kind, "seat": found.seat},
        )
    claimed = {"task": str(found.task_id), "event": "task.claimed"}
    live.push(f"queue.{found.queue_id}", claimed)
    live.push(f"task.{found.task_id}", claimed)
    return found
