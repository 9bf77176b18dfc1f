"""Which reason codes corrections name."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from agents.selectors import contracts
from corrections.models import Correction
from corrections.rules import verdicts


@dataclass(frozen=True, slots=True)
class Counted:
    """How often a reason was given with a verdict; no code and no title for verdicts without one."""

    verdict: str
    code: str
    title: str
    count: int


def in_use(agent_id: UUID) -> list[str]:
    """Return the reason codes that corrections of an agent's decisions name."""
    rows = Correction.objects.filter(decision__agent_id=agent_id).exclude(reason_code="")
    return list(rows.order_by().values_list("reason_code", flat=True).distinct())


def counted(agent_id: UUID, *, since: datetime) -> list[Counted]:
    """Return how often each verdict and reason was given since then for an agent's decisions, the most frequent first.

    What its author undid is not counted.
    """
    rows = (
        Correction.objects.filter(decision__agent_id=agent_id, submitted_at__gte=since, undone__isnull=True)
        .order_by()
        .values_list("verdict", "reason_code")
        .annotate(count=Count("pk"))
    )
    newest = contracts.latest(agent_id)
    titles = {one.code: one.title for usual in verdicts.USUAL.values() for one in usual}
    titles |= {one.code: one.title for one in (newest.spec.reason_codes if newest else ())}
    found = [Counted(verdict, code, titles.get(code, code), count) for verdict, code, count in rows]
    return sorted(found, key=lambda one: (-one.count, one.verdict, one.code))
