"""What a contract's limits do to an agent: unknown fields that were dropped, open cases against the review capacity."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from agents.contracts.spec import ContractSpec
from agents.selectors import backlog

# The newest only, by the page's index: a page costs the same for an agent of a million decisions a day.
_MOST_DECISIONS = 5_000
_MOST_FIELDS = 20
_MOST_WAITING = 10_000
_DROPPED = r"""
    WITH newest AS MATERIALIZED (
        SELECT decided_at, trace->'dropped'->'fields' AS names FROM agents_decision
        WHERE agent_id = %(agent)s AND id >= %(floor)s ORDER BY id DESC LIMIT %(most)s
    ), told AS (
        SELECT decided_at, regexp_replace(name, '\[\d+\]', '[]', 'g') AS name
        FROM newest, jsonb_array_elements_text(newest.names) AS name
    )
    SELECT name, count(*) FILTER (WHERE decided_at >= %(week)s), count(*), (SELECT count(*) FROM newest)
    FROM told GROUP BY name ORDER BY 3 DESC, 1 LIMIT %(fields)s
"""


@dataclass(frozen=True, slots=True)
class DroppedField:
    """How often a field that the contract does not know was left out; positions in lists are told as `[]`."""

    path: str
    week: int
    month: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """The dropped fields of the last 30 days, most frequent first; `of` says among how many of the newest at most."""

    fields: list[DroppedField]
    of: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Room:
    """How many cases wait for people beside what the contract allows; `cut` says that there are more than counted."""

    waiting: int
    open_max: int
    cut: bool

    @property
    def share(self) -> float:
        """Return the share of the capacity that is taken, at most 1."""
        return min(1.0, self.waiting / self.open_max)

    @property
    def full(self) -> bool:
        """Say whether the next flagged decision meets the limit."""
        return self.waiting >= self.open_max

    @property
    def tone(self) -> str:
        """Return the tone of the meter."""
        return "critical" if self.full else "caution" if self.share >= 0.8 else "info"


def dropped(agent_id: UUID, *, now: datetime) -> Dropped:
    """Return which unknown fields were dropped in the last 7 and 30 days. The caller has checked the right to see it."""
    month = now - timedelta(days=30)
    asked: dict[str, Any] = {
        "agent": agent_id,
        "floor": UUID(int=int(month.timestamp() * 1000) << 80),
        "week": now - timedelta(days=7),
        "most": _MOST_DECISIONS,
        "fields": _MOST_FIELDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DROPPED, asked)
        rows = cursor.fetchall()
    of = rows[0][3] if rows else 0
    return Dropped([DroppedField(*row[:3]) for row in rows], of, of >= _MOST_DECISIONS)


def room(agent_id: UUID, spec: ContractSpec) -> Room | None:
    """Return the open cases against the contract's review capacity, None where it sets no limit."""
    if spec.capacity is None:
        return None
    most = max(spec.capacity.open_max, 1)
    counted = min(most + 1, _MOST_WAITING)
    waiting = backlog.waiting(agent_id, counted)
    return Room(waiting, most, cut=waiting >= counted)
