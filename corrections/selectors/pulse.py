"""What people made of an agent's decisions over a period: agreement, how long it took, what came in and was closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from reviewapp.core import ids

_SETTLED = """
    SELECT width_bucket(c.formed_at, %(edges)s::timestamptz[]) AS step, count(*), count(*) FILTER (WHERE NOT c.changed)
    FROM corrections_consensus c
    WHERE c.agent_id = %(agent)s AND c.authoritative AND c.state = 'usable' AND c.formed_at >= %(began)s GROUP BY step
"""
_WAITED = """
    SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM c.formed_at - d.decided_at))
    FROM corrections_consensus c JOIN agents_decision d ON d.id = c.decision_id
    WHERE c.agent_id = %(agent)s AND c.authoritative AND c.state = 'usable' AND c.formed_at >= %(began)s
"""
_CAME = """
    SELECT width_bucket(t.created_at, %(edges)s::timestamptz[]) AS step, count(*) FROM corrections_task t
    JOIN corrections_queue q ON q.id = t.queue_id AND q.agent_id = %(agent)s
    WHERE t.id >= %(floor)s AND t.created_at >= %(began)s GROUP BY step
"""
_WENT = """
    SELECT width_bucket(t.closed_at, %(edges)s::timestamptz[]) AS step, count(*),
        count(*) FILTER (WHERE t.state = 'done' AND t.closed_at > t.due_at)
    FROM corrections_task t JOIN corrections_queue q ON q.id = t.queue_id AND q.agent_id = %(agent)s
    WHERE t.state <> 'open' AND t.closed_at >= %(began)s GROUP BY step
"""
# Counted along the index of what is open, queue by queue, and no further than there is use in knowing.
MOST = 10_000
_OPEN = """
    SELECT count(*), count(*) FILTER (WHERE due_at <= %(now)s) FROM (
        SELECT t.due_at FROM corrections_queue q CROSS JOIN LATERAL (
            SELECT due_at FROM corrections_task WHERE queue_id = q.id AND state = 'open' LIMIT %(most)s
        ) t WHERE q.agent_id = %(agent)s
    ) waiting
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the period: cases settled, how many of them as the agent had said, tasks that came in and were closed."""

    settled: int
    agreed: int
    came: int
    closed: int
    late: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """The period: its steps, seconds from decision to settled (median and nine in ten, None without any), what waits now."""

    steps: tuple[Step, ...]
    median_s: float | None
    p90_s: float | None
    waiting: int
    overdue: int

    @property
    def settled(self) -> int:
        """Return how many cases were settled."""
        return sum(one.settled for one in self.steps)

    @property
    def agreed(self) -> int:
        """Return how many of them were settled as the agent had said."""
        return sum(one.agreed for one in self.steps)

    @property
    def late(self) -> int:
        """Return how many tasks were done after their deadline."""
        return sum(one.late for one in self.steps)

    @property
    def closed(self) -> int:
        """Return how many tasks were closed."""
        return sum(one.closed for one in self.steps)


def of(agent_id: UUID, edges: Sequence[datetime], *, now: datetime) -> Pulse:
    """Return what people did in the steps that begin at `edges`, ascending. The caller has checked the right to see it."""
    asked: dict[str, Any] = {
        "agent": agent_id,
        "began": edges[0],
        "floor": ids.uuid7_floor(edges[0]),
        "edges": list(edges),
        "now": now,
        "most": MOST,
    }
    with connection.cursor() as cursor:

        def rows(text: str) -> dict[int, tuple[int, ...]]:
            cursor.execute(text, asked)
            return {row[0]: row[1:] for row in cursor.fetchall()}

        settled, came, went = rows(_SETTLED), rows(_CAME), rows(_WENT)
        cursor.execute(_WAITED, asked)
        times = cursor.fetchone()[0] or (None, None)
        cursor.execute(_OPEN, asked)
        waiting, overdue = cursor.fetchone()
    steps = tuple(
        Step(*settled.get(one, (0, 0)), *came.get(one, (0,)), *went.get(one, (0, 0)))
        for one in range(1, len(edges) + 1)
    )
    return Pulse(steps, times[0], times[1], waiting, overdue)
