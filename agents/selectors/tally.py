"""Counting decisions since a moment, for those who watch a roll-out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from agents.models import Decision


@dataclass(frozen=True, slots=True)
class Tally:
    """How many decisions one policy made in one arm with one status; `digest` is None when no policy could answer."""

    digest: str | None
    arm: str
    status: str
    n: int


def since(agent_id: UUID, moment: datetime) -> tuple[Tally, ...]:
    """Return the decisions of an agent from `moment` on, counted by policy, arm and status."""
    rows = (
        Decision.objects.filter(agent_id=agent_id, id__gte=first_id(moment), decided_at__gte=moment)
        .order_by()
        .values_list("artifact_id", "arm", "status")
        .annotate(n=Count("id"))
    )
    return tuple(Tally(digest, arm, status, n) for digest, arm, status, n in rows)


def first_id(moment: datetime) -> UUID:
    """Return an id that no decision made from `moment` on comes before."""
    # A UUIDv7 begins with its time in milliseconds, so the index on (agent, id) finds the moment without an index on it.
    # A second earlier, because an id is drawn a little before the decision is complete.
    return UUID(int=max(0, int(moment.timestamp() * 1000) - 1000) << 80)
