"""How long answers took, beside what the contract allows."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

# The newest only: what is asked is how it is now. The page's index gives them without a look at the rest.
_RECENT = 1000
_TIMES = """
    SELECT count(*), percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY latency_us),
           count(*) FILTER (WHERE reasons @> '[{"code": "timeout"}]')
    FROM (
        SELECT latency_us, reasons, mode FROM agents_decision WHERE agent_id = %s ORDER BY id DESC LIMIT %s
    ) newest
    WHERE mode <> 'record'
"""


@dataclass(frozen=True, slots=True)
class Times:
    """How long the newest `n` answers took, in milliseconds by share, and how many came too late for the contract."""

    n: int
    median_ms: float
    p95_ms: float
    p99_ms: float
    late: int

    @property
    def late_share(self) -> float:
        """Return the share of answers that came too late, 0 to 1."""
        return self.late / self.n


def recent(agent_id: UUID) -> Times | None:
    """Return the times of an agent's newest answers, None before the first. The caller has checked the right to see it."""
    with connection.cursor() as cursor:
        cursor.execute(_TIMES, [agent_id, _RECENT])
        n, times, late = cursor.fetchone()
    if not n:
        return None
    median, p95, p99 = (one / 1000 for one in times)
    return Times(n, median, p95, p99, late)
