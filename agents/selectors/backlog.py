"""How many flagged decisions of an agent wait for people."""

from uuid import UUID

from agents.models import OpenDecision


def waiting(agent_id: UUID, most: int) -> int:
    """Return how many decisions are open, counting no further than `most`."""
    return OpenDecision.objects.filter(agent_id=agent_id)[:most].count()
