"""Answers in the order in which they came, for channels that follow them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from agents.models import Resolution
from agents.selectors import answers

# How long the transaction that writes an answer may take: an answer made earlier may be seen after a later one.
OVERLAP = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: its id, whose it is, and the payload of every channel."""

    id: UUID
    agent_id: UUID
    body: dict[str, Any]


def since(agent_ids: Collection[UUID], after: UUID, *, limit: int) -> list[Told]:
    """Return the first `limit` answers of these agents that were made after the id `after`, oldest first."""
    rows = Resolution.objects.select_related("decision", "agent").filter(agent_id__in=agent_ids, id__gt=after)
    return [_told(row) for row in rows.order_by("id")[:limit]]


def floor(at: datetime) -> UUID:
    """Return the smallest id (UUIDv7) of a row made `OVERLAP` before a moment: what an eye on `at` must not miss."""
    return UUID(int=int((at - OVERLAP).timestamp() * 1000) << 80)


def before(resolution_id: UUID) -> UUID:
    """Return `floor` of the moment at which an answer was made, read from its id."""
    return UUID(int=max(0, (resolution_id.int >> 80) - int(OVERLAP.total_seconds() * 1000)) << 80)


def _told(row: Resolution) -> Told:
    body = answers.outcome(row.decision, row, row.agent.slug)
    return Told(row.pk, row.agent_id, body or {})
