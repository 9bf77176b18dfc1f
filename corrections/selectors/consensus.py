"""What people settled, for those who learn from it and those who watch a roll-out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from agents.selectors import facts
from corrections.models import Consensus, Escalation, Task


@dataclass(frozen=True, slots=True)
class ConsensusRow:
    """One authoritative, usable consensus with the decision it is about."""

    id: UUID
    decision_id: UUID
    input: dict[str, Any]
    proposal: dict[str, Any] | None
    decided: dict[str, Any] | None
    output: dict[str, Any]
    label: str
    confidence: float
    changed: bool
    method: str
    formed_at: datetime
    decided_at: datetime
    arm: str
    policy_version: int | None
    artifact_digest: str
    propensity: float
    unit: str
    case_ref: str
    corrections: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the feedback of an agent is: settled and still open."""

    usable: int
    changed: int
    abstained: int
    open_reviews: int
    open_adjudications: int
    open_escalations: int


def usable(agent_id: UUID, *, after: datetime | None = None, until: datetime | None = None) -> list[ConsensusRow]:
    """Return an agent's usable consensus, oldest first, formed after `after` and not after `until`."""
    rows = Consensus.objects.filter(agent_id=agent_id, authoritative=True, state=Consensus.State.USABLE)
    if after is not None:
        rows = rows.filter(formed_at__gt=after)
    if until is not None:
        rows = rows.filter(formed_at__lte=until)
    found = list(rows.order_by("formed_at", "id"))
    decisions = facts.of_decisions(row.decision_id for row in found)
    return [_row(row, decisions[row.decision_id]) for row in found]


def count_usable(agent_id: UUID, *, after: datetime | None = None) -> int:
    """Return how many usable consensus an agent has, formed after `after`."""
    rows = Consensus.objects.filter(agent_id=agent_id, authoritative=True, state=Consensus.State.USABLE)
    return (rows.filter(formed_at__gt=after) if after is not None else rows).count()


def counts(agent_id: UUID) -> Counts:
    """Return how far the feedback of an agent is."""
    settled = Consensus.objects.filter(agent_id=agent_id, authoritative=True).aggregate(
        usable=Count("pk", filter=Q(state=Consensus.State.USABLE)),
        changed=Count("pk", filter=Q(state=Consensus.State.USABLE, changed=True)),
        abstained=Count("pk", filter=Q(state=Consensus.State.ABSTAINED)),
    )
    waiting = Task.objects.filter(queue__agent_id=agent_id, state=Task.State.OPEN).aggregate(
        reviews=Count("pk", filter=Q(kind=Task.Kind.REVIEW)),
        adjudications=Count("pk", filter=Q(kind=Task.Kind.ADJUDICATION)),
    )
    return Counts(
        usable=settled["usable"],
        changed=settled["changed"],
        abstained=settled["abstained"],
        open_reviews=waiting["reviews"],
        open_adjudications=waiting["adjudications"],
        open_escalations=Escalation.objects.filter(agent_id=agent_id, approval__state="pending").count(),
    )


def of_decisions(decision_ids: Iterable[UUID]) -> dict[UUID, Consensus]:
    """Return the authoritative consensus of these decisions by decision."""
    return {
        row.decision_id: row for row in Consensus.objects.filter(decision_id__in=list(decision_ids), authoritative=True)
    }


def _row(row: Consensus, decision: facts.Facts) -> ConsensusRow:
    return ConsensusRow(
        id=row.pk,
        decision_id=row.decision_id,
        input=decision.input,
        proposal=decision.proposal,
        decided=decision.output,
        output=row.output or {},
        label=row.label,
        confidence=row.confidence,
        changed=row.changed,
        method=row.method,
        formed_at=row.formed_at,
        decided_at=decision.decided_at,
        arm=decision.arm,
        policy_version=decision.policy_version,
        artifact_digest=decision.artifact_digest,
        propensity=decision.propensity,
        unit=decision.unit,
        case_ref=decision.case_ref,
        corrections=tuple(row.corrections),
    )
