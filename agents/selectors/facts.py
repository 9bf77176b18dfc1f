"""A decision as the other planes read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.models import Decision
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class Facts:
    """A decision with what it was made from and under; `waits` says that its agent has no answer until people give one,
    None where that was not asked.
    """

    id: UUID
    agent_id: UUID
    agent_slug: str
    agent_name: str
    mode: str
    contract_id: UUID
    input: dict[str, Any]
    proposal: dict[str, Any] | None
    output: dict[str, Any] | None
    confidence: float
    score: float | None
    status: str
    reasons: list[dict[str, str]]
    trace: dict[str, Any]
    arm: str
    propensity: float
    policy_version: int | None
    artifact_digest: str
    case_ref: str
    unit: str
    decided_at: datetime
    latency_us: int
    waits: bool | None = None


def of_decision(decision_id: UUID) -> Facts:
    """Return a decision's facts; the caller checks the right to see them. Raises `Missing`."""
    found = Decision.objects.select_related("agent").filter(pk=decision_id).first()
    if found is None:
        raise Missing("This decision does not exist.")
    return _facts(found)


def of_decisions(decision_ids: Iterable[UUID]) -> dict[UUID, Facts]:
    """Return the facts of many decisions by id, in one query; unknown ids are left out."""
    rows = Decision.objects.select_related("agent").filter(pk__in=list(decision_ids))
    return {row.pk: _facts(row) for row in rows}


def newest_flagged(agent_id: UUID, *, limit: int) -> list[Facts]:
    """Return the facts of an agent's newest decisions that people were asked about, at most `limit`, newest first."""
    found: list[Decision] = []
    # One stretch of the index for each status: asked for both at once, all of them would be sorted.
    for status in (Decision.Status.REVIEW, Decision.Status.ESCALATE):
        rows = Decision.objects.select_related("agent").filter(agent_id=agent_id, status=status)
        found.extend(rows.order_by("-pk")[:limit])
    return [_facts(row) for row in sorted(found, key=lambda row: row.pk, reverse=True)[:limit]]


def _facts(row: Decision) -> Facts:
    return Facts(
        id=row.pk,
        agent_id=row.agent_id,
        agent_slug=row.agent.slug,
        agent_name=row.agent.name,
        mode=row.agent.mode,
        contract_id=row.contract_id,
        input=row.input,
        proposal=row.proposal,
        output=row.output,
        confidence=row.confidence,
        score=row.score,
        status=row.status,
        reasons=list(row.reasons),
        trace=row.trace,
        arm=row.arm,
        propensity=row.propensity,
        policy_version=row.policy_version,
        artifact_digest=row.artifact_id or "",
        case_ref=row.case_ref,
        unit=row.unit,
        decided_at=row.decided_at,
        latency_us=row.latency_us,
        # What is recorded after the fact was answered by somebody else, and what is decided alone has its answer.
        waits=row.mode != Decision.Mode.RECORD and row.status != Decision.Status.AUTO,
    )
