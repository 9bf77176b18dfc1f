"""What waits in queues, read along the index that orders them: it costs the same however much waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from corrections.selectors import rights, sealed
from reviewapp.core import statements

# Beyond it a count says nothing more, and counting on would cost every page.
COUNTED_UP_TO = 1000

# Within one priority a queue's index is ordered by deadline, so what is due is a stretch of it. `ranks` steps from one
# priority to the next by looking each up; counting stops when there is enough, over all of them.
_COUNTS = statements.told_once(f"""
    WITH RECURSIVE asked AS (
        SELECT unnest(%(queues)s::uuid[]) AS id
    ), ranks AS (
        SELECT id, (
            SELECT t.priority FROM corrections_task t WHERE t.queue_id = asked.id AND t.state = 'open'
            ORDER BY t.priority DESC LIMIT 1
        ) AS priority FROM asked
        UNION ALL
        SELECT id, (
            SELECT t.priority FROM corrections_task t
            WHERE t.queue_id = ranks.id AND t.state = 'open' AND t.priority < ranks.priority
            ORDER BY t.priority DESC LIMIT 1
        ) FROM ranks WHERE priority IS NOT NULL
    )
    SELECT asked.id, (
        SELECT count(*) FROM (
            SELECT FROM corrections_task t WHERE t.queue_id = asked.id AND t.state = 'open' LIMIT {COUNTED_UP_TO + 1}
        ) waiting
    ), (
        SELECT count(*) FROM corrections_task t
        WHERE t.lease_holder_id = %(user)s::int8 AND t.state = 'open' AND t.lease_until > %(now)s::timestamptz
            AND t.queue_id = asked.id
    ), (
        SELECT count(*) FROM (
            SELECT FROM ranks CROSS JOIN LATERAL (
                SELECT FROM corrections_task t
                WHERE t.queue_id = ranks.id AND t.state = 'open' AND t.priority = ranks.priority
                    AND t.due_at > %(now)s::timestamptz AND t.due_at <= %(soon)s::timestamptz
                LIMIT {COUNTED_UP_TO + 1}
            ) due WHERE ranks.id = asked.id AND ranks.priority IS NOT NULL LIMIT {COUNTED_UP_TO + 1}
        ) soon
    ), (
        SELECT count(*) FROM (
            SELECT FROM ranks CROSS JOIN LATERAL (
                SELECT FROM corrections_task t
                WHERE t.queue_id = ranks.id AND t.state = 'open' AND t.priority = ranks.priority
                    AND t.due_at <= %(now)s::timestamptz
                LIMIT {COUNTED_UP_TO + 1}
            ) due WHERE ranks.id = asked.id AND ranks.priority IS NOT NULL LIMIT {COUNTED_UP_TO + 1}
        ) overdue
    ), (
        SELECT min((
            SELECT t.due_at FROM corrections_task t
            WHERE t.queue_id = ranks.id AND t.state = 'open' AND t.priority = ranks.priority
            ORDER BY t.due_at LIMIT 1
        )) FROM ranks WHERE ranks.id = asked.id AND ranks.priority IS NOT NULL
    ) FROM asked
""")  # noqa: S608 - numbers of the code

_WANTED = "SELECT * FROM corrections_task WHERE queue_id = %(queue)s::uuid AND state = 'open'"
_ORDER = "ORDER BY priority DESC, due_at, id"


def counts(queue_ids: Sequence[UUID], user_id: int, *, now: datetime, soon: timedelta) -> dict[UUID, dict[str, Any]]:
    """Return what waits in each queue: how many tasks, how many the person holds, how many are due within `soon` and
    how many overdue, and the first deadline. A number stops at one more than `COUNTED_UP_TO`.
    """
    named = {"queues": list(queue_ids), "user": user_id, "now": now, "soon": now + soon}
    names = ("waiting", "mine", "due_soon", "overdue", "oldest_due")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in statements.run(_COUNTS, named, again=True)}


def rows(
    queue_id: UUID, user_id: int, *, now: datetime, limit: int, after: Sequence[str] | None = None
) -> list[tuple[Any, ...]]:
    """Return up to `limit` open tasks of a queue, most urgent first, after the keyset (priority, due_at, id) of `after`:
    (id, title, why, kind, seat, priority, created_at, due_at, case_ref, holder's name or None, holder's id).
    """
    named: dict[str, Any] = {
        "queue": queue_id,
        "now": now,
        "user": user_id,
        "theirs": rights.THEIRS,
        "blind": sealed.SHORT,
    }
    if after:
        named |= {"rank": int(after[0]), "due": datetime.fromisoformat(after[1]), "key": UUID(after[2])}
    return statements.run(_listed(limit, further=bool(after)), named, again=True).fetchall()


@lru_cache(maxsize=32)
def _listed(limit: int, *, further: bool) -> str:
    # The limit is part of the text: as a value of its own the planner would not know that it is small, and plan anew.
    most = f"LIMIT {int(limit)}"
    found = f"{_WANTED} {_ORDER} {most}"
    if further:
        # Two stretches of the index, the rest of this priority and the lower ones: one condition that says both would
        # have everything before it read and thrown away.
        same = f"{_WANTED} AND priority = %(rank)s::int2 AND (due_at, id) > (%(due)s::timestamptz, %(key)s::uuid)"
        lower = f"{_WANTED} AND priority < %(rank)s::int2"
        found = f"({same} {_ORDER} {most}) UNION ALL ({lower} {_ORDER} {most}) {_ORDER} {most}"
    return statements.told_once(f"""
        SELECT t.id, t.title, CASE WHEN {sealed.SEALED} THEN %(blind)s::text
                WHEN t.reserved_for_id <> %(user)s::int8 AND t.why->0->>'code' = 'returned'
                THEN %(theirs)s::text ELSE t.why->0->>'text' END, t.kind, t.seat, t.priority, t.created_at, t.due_at, d.case_ref,
            CASE WHEN t.lease_until > %(now)s::timestamptz THEN h.display_name END, t.lease_holder_id
        FROM ({found}) t
        JOIN agents_decision d ON d.id = t.decision_id LEFT JOIN accounts_user h ON h.id = t.lease_holder_id
        ORDER BY t.priority DESC, t.due_at, t.id
    """)  # noqa: S608 - texts and a number of the code
