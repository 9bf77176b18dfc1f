"""What an agent decided over a period, step by step: how much, how fast, how often people were asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from reviewapp.core import ids

# Newest first, so that a busy agent's page costs what a calm one's does; the page says when there were more.
MOST = 20_000
_STEPS = """
    WITH newest AS MATERIALIZED (
        SELECT decided_at, latency_us, status, mode FROM agents_decision
        WHERE agent_id = %(agent)s AND id >= %(floor)s AND decided_at >= %(began)s ORDER BY id DESC LIMIT %(most)s
    )
    SELECT width_bucket(decided_at, %(edges)s::timestamptz[]) AS step, count(*), count(*) FILTER (WHERE status <> 'auto'),
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY latency_us) FILTER (WHERE mode <> 'record')
    FROM newest GROUP BY step
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the period; times in milliseconds, 0 where nobody waited for an answer."""

    decided: int = 0
    asked: int = 0
    median_ms: float = 0.0
    p95_ms: float = 0.0


def steps(agent_id: UUID, edges: Sequence[datetime]) -> list[Step]:
    """Return one `Step` for each step that begins at `edges`, ascending; the last one lasts until now.

    Counts the newest `MOST` decisions at most. The caller has checked the right to see the agent.
    """
    asked: dict[str, Any] = {
        "agent": agent_id,
        "floor": ids.uuid7_floor(edges[0]),
        "began": edges[0],
        "most": MOST,
        "edges": list(edges),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, asked)
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_step(found.get(number + 1)) for number in range(len(edges))]


def _step(row: tuple[int, int, list[float] | None] | None) -> Step:
    if row is None:
        return Step()
    decided, asked, times = row
    median, p95 = ((one or 0.0) / 1000 for one in times or (0.0, 0.0))
    return Step(decided, asked, median, p95)
