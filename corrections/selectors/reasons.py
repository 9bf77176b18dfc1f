"""Which reason codes corrections name."""

from uuid import UUID

from corrections.models import Correction


def in_use(agent_id: UUID) -> list[str]:
    """Return the reason codes that corrections of an agent's decisions name."""
    rows = Correction.objects.filter(decision__agent_id=agent_id).exclude(reason_code="")
    return list(rows.order_by().values_list("reason_code", flat=True).distinct())
