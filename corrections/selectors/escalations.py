"""Escalations as risk officers see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from agents.selectors import contracts, facts
from corrections.models import Escalation
from corrections.selectors import rights, similar, workbench
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing
from reviewapp.core.events import selectors as log


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """One escalation in the inbox."""

    id: UUID
    title: str
    agent_slug: str
    agent_name: str
    author: str
    mine: bool
    why: str
    decided: str
    corrected: str
    raised_at: datetime
    due_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of the output, before and after."""

    title: str
    before: str
    after: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """An escalation with everything a second person needs to decide it."""

    row: EscalationRow
    correction_id: UUID
    task_id: UUID
    decision: facts.Facts
    spec: ContractSpec
    verdict: str
    reason: str
    justification: str
    evidence: list[workbench.InputField]
    confidence: int | None
    time_spent_ms: int
    submitted_at: datetime
    changes: list[Change]
    rules: list[dict[str, str]]
    groups: list[tuple[str, list[workbench.InputField]]]
    contributions: list[workbench.Contribution]
    similar: list[similar.Precedent]
    rationale: str
    binding: str
    may_decide: bool
    why_not: str
    history: list[log.EventRow]


def inbox(user: User, *, state: str = "pending", agent: str = "", limit: int = 50) -> list[EscalationRow]:
    """Return the escalations of agents the person may see: most urgent first while open, newest first once decided."""
    rows = Escalation.objects.filter(agent__in=rights.visible_agents(user)).select_related(
        "agent", "approval__decided_by", "correction__author", "correction__task", "correction__decision"
    )
    if state == "pending":
        rows = rows.filter(approval__state="pending").order_by("due_at", "pk")
    elif state:
        rows = rows.exclude(approval__state="pending").order_by("-approval__decided_at", "pk")
    if agent:
        rows = rows.filter(agent__slug=agent)
    return [_row(row, user) for row in rows[:limit]]


def open_count(user: User) -> int:
    """Return how many escalations wait that the person may decide: for the navigation."""
    agents = rights.visible_agents(user, "agents.decide_escalation")
    return (
        Escalation.objects.filter(agent__in=agents, approval__state="pending").exclude(correction__author=user).count()
    )


def detail(escalation_id: UUID, user: User) -> Detail:
    """Return an escalation with its evidence. Raises `Missing` for one the person may not know of."""
    found = (
        Escalation.objects.select_related(
            "agent", "approval__decided_by", "correction__author", "correction__task", "correction__decision"
        )
        .filter(pk=escalation_id)
        .first()
    )
    if found is None or not access.can(user, "agents.view_agent", found.agent):
        raise Missing("This escalation does not exist.")
    correction = found.correction
    decision = facts.of_decision(correction.decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    groups = workbench.grouped(spec, decision.input)
    cited = set(correction.evidence)
    why_not = _why_not(found, user)
    return Detail(
        row=_row(found, user),
        correction_id=correction.pk,
        task_id=correction.task_id,
        decision=decision,
        spec=spec,
        verdict=correction.get_verdict_display(),
        reason=next(
            (one.title for one in spec.reason_codes if one.code == correction.reason_code), correction.reason_code
        ),
        justification=correction.justification,
        evidence=[field for _, listed in groups for field in listed if field.pointer in cited],
        confidence=correction.confidence,
        time_spent_ms=correction.time_spent_ms,
        submitted_at=correction.submitted_at,
        changes=changes(spec, decision.output, correction.output),
        rules=list(found.rules),
        groups=groups,
        contributions=workbench.contributions(decision.trace.get("explanation") or {}),
        similar=similar.precedents(decision, limit=5),
        rationale=found.approval.rationale,
        binding=found.approval.binding,
        may_decide=not why_not,
        why_not=why_not,
        history=log.of_subjects([("decision", str(decision.id)), ("approval", str(found.approval_id))]),
    )


def changes(spec: ContractSpec, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Change]:
    """Return every field of the output before and after, in the contract's order."""
    listed = []
    for field in fields.describe(spec.output_schema):
        old, new = fields.at(before, field.path), fields.at(after, field.path)
        listed.append(Change(field.title, _text(spec, field, old), _text(spec, field, new), old != new))
    return listed


def _text(spec: ContractSpec, field: fields.FieldInfo, value: Any) -> str:
    return workbench.titled(spec.output_schema, field.path, value) or field.show(value)


def _why_not(row: Escalation, user: User) -> str:
    if row.approval.state != "pending":
        who = row.approval.decided_by.display_name if row.approval.decided_by else "someone"
        return f"{row.approval.get_state_display()} by {who}."
    if row.correction.author_id == user.pk:
        return "You wrote this, so someone else decides it (four-eyes)."
    if not access.can(user, "agents.decide_escalation", row.agent):
        return "Deciding escalations of this agent is for risk officers."
    return ""


def _row(row: Escalation, user: User) -> EscalationRow:
    spec = contracts.by_id(row.correction.decision.contract_id).spec
    return EscalationRow(
        id=row.pk,
        title=row.correction.task.title,
        agent_slug=row.agent.slug,
        agent_name=row.agent.name,
        author=row.correction.author.display_name,
        mine=row.correction.author_id == user.pk,
        why=row.rules[0]["text"] if row.rules else "",
        decided=workbench.outcome(spec, row.correction.decision.output),
        corrected=workbench.outcome(spec, row.correction.output),
        raised_at=row.raised_at,
        due_at=row.due_at,
        state=row.approval.state,
        decided_by=row.approval.decided_by.display_name if row.approval.decided_by else "",
        decided_at=row.approval.decided_at,
    )
