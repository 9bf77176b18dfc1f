"""What people said of one decision, and what it came to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from agents.selectors import facts
from corrections.models import Consensus, Correction, Task
from corrections.selectors import involved, rights
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class Judgement:
    """One person's judgement. `standing` is waits, counts, overruled, replaced (returned to them), rejected, undone or recalled."""

    id: UUID
    author: str
    mine: bool
    kind: str
    verdict: str
    output: dict[str, Any] | None
    reason_code: str
    justification: str
    evidence: list[str]
    confidence: int | None
    escalation: str
    decided_by: str
    standing: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What people settled on."""

    id: UUID
    state: str
    output: dict[str, Any] | None
    confidence: float
    method: str
    changed: bool
    formed_at: datetime


@dataclass(frozen=True, slots=True)
class Judgements:
    """All that was said of a decision. `withheld`: others' words are kept from someone who may still judge it."""

    consensus: Settled | None
    corrections: list[Judgement]
    withheld: bool


def of_decision(decision_id: UUID, user: User) -> Judgements:
    """Return what people said of a decision, oldest first. Raises `Missing` when the person may not see its agent.

    Reviewers judge independently: who may still take a seat sees only their own words until the decision is settled.
    """
    rows, shown, settled = _seen(decision_id, user)
    return Judgements(
        consensus=_settled(settled) if settled else None,
        corrections=[_judgement(row, settled, user) for row in shown],
        withheld=len(shown) < len(rows),
    )


def seen(decision_id: UUID, user: User) -> tuple[list[Correction], bool]:
    """Return the judgements of a decision that a person may read, oldest first, and whether others are kept from them.

    Raises `Missing` when the person may not see its agent. Who may read what is as in `of_decision`.
    """
    rows, shown, _ = _seen(decision_id, user)
    return shown, len(shown) < len(rows)


def _seen(decision_id: UUID, user: User) -> tuple[list[Correction], list[Correction], Consensus | None]:
    decision = facts.of_decision(decision_id)
    if not rights.visible_agents(user).filter(pk=decision.agent_id).exists():
        raise Missing("This decision does not exist.")
    settled = Consensus.objects.filter(decision_id=decision_id, authoritative=True).first()
    now = clock.now()
    rows = list(
        # What its author may still undo nobody else sees.
        Correction.objects.filter(decision_id=decision_id)
        .exclude(~Q(author=user), held_until__gt=now, undone__isnull=True)
        .select_related("author", "task", "undone", "recalled", "escalation__approval__decided_by")
        .order_by("submitted_at", "id")
    )
    blind = settled is None and _may_still_judge(rows, decision_id, decision.agent_id, user)
    shown = [row for row in rows if row.author_id == user.pk] if blind else rows
    return rows, shown, settled


def withheld(decision_id: UUID, agent_id: UUID, user: User) -> bool:
    """Say whether others' words on a decision are kept from a person, because they may still take a seat."""
    if Consensus.objects.filter(decision_id=decision_id, authoritative=True).exists():
        return False
    return _may_still_judge(Correction.objects.filter(decision_id=decision_id), decision_id, agent_id, user)


def _may_still_judge(rows: Iterable[Correction], decision_id: UUID, agent_id: UUID, user: User) -> bool:
    # One's own words open others' only once they cannot be taken back.
    now = clock.now()
    said = [row for row in rows if row.author_id == user.pk]
    judged = any(not _undone(row) and not _held(row, now) for row in said)
    if judged:
        # What was sent back to them is theirs to judge again, as independently as before.
        back = Task.objects.filter(decision_id=said[0].decision_id, state=Task.State.OPEN, reserved_for=user)
        return back.exists()
    if not rights.visible_agents(user, "agents.review_task").filter(pk=agent_id).exists():
        return False
    return not involved.has_decided(user, decision_id)


def may_be_undone(correction: Correction, *, now: datetime) -> bool:
    """Say whether its author may still take a correction back: until then nobody else sees it."""
    return _held(correction, now) and not _undone(correction)


def _settled(row: Consensus) -> Settled:
    return Settled(row.pk, row.state, row.output, row.confidence, row.method, row.changed, row.formed_at)


def _judgement(row: Correction, settled: Consensus | None, user: User) -> Judgement:
    escalation = getattr(row, "escalation", None)
    approval = escalation.approval if escalation is not None else None
    return Judgement(
        id=row.pk,
        author=row.author.display_name,
        mine=row.author_id == user.pk,
        kind=row.task.kind,
        verdict=row.verdict,
        output=row.output,
        reason_code=row.reason_code,
        justification=row.justification,
        evidence=list(row.evidence),
        confidence=row.confidence,
        escalation=approval.state if approval else "",
        decided_by=approval.decided_by.display_name if approval and approval.decided_by else "",
        standing=_taken_back(row) or _standing(row, settled, approval.state if approval else ""),
        submitted_at=row.submitted_at,
    )


def _undone(row: Correction) -> bool:
    return getattr(row, "undone", None) is not None


def _taken_back(row: Correction) -> str:
    if getattr(row, "recalled", None) is not None:
        return "recalled"
    return "undone" if _undone(row) else ""


def _held(row: Correction, now: datetime) -> bool:
    return row.held_until is not None and row.held_until > now


def _standing(row: Correction, settled: Consensus | None, decided: str) -> str:
    if decided in {"rejected", "returned"}:
        return "replaced" if decided == "returned" else "rejected"
    if settled is None or decided == "pending":
        return "waits"
    return "counts" if row.pk in settled.corrections else "overruled"
