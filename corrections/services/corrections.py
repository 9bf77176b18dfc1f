"""Submitting a correction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.contracts.spec import ContractSpec
from agents.runtime import review
from agents.selectors import contracts, facts
from corrections.models import Correction, Escalation, Task
from corrections.rules import dedup, submission
from corrections.selectors import rights
from corrections.services import drafts, tasks
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals import services as approvals
from reviewapp.core.errors import Conflict, Invalid, Missing
from reviewapp.core.events import live

events.external("escalation.raised")


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submission: the correction, and the escalation when a second person must decide."""

    correction_id: UUID
    escalation_id: UUID | None
    why_escalated: tuple[str, ...]


@transaction.atomic
def submit(
    *,
    task_id: UUID,
    token: int,
    verdict: str,
    output: Mapping[str, Any] | None = None,
    reason_code: str = "",
    justification: str = "",
    evidence: Sequence[str] = (),
    confidence: int | None = None,
    shown: Mapping[str, Any] | None = None,
    time_spent_ms: int = 0,
    client: str = "",
    by: User,
) -> Submitted:
    """Submit one person's judgement of the decision behind a task they hold.

    `output` is only read for the verdict "correct"; agreeing means the decision's own output. `evidence` are JSON pointers
    (RFC 6901) into the input. A correction that meets an escalation rule of the contract, or whose rule cannot be told,
    waits for a second person. Raises `Invalid` with dotted paths, `Conflict` (lease lost, task closed: the draft stays),
    `Missing`, `NotAllowed`.
    """
    task = _locked(task_id)
    rights.require_queue(by, task.queue)
    tasks.require_lease(task, token, by)
    if not rights.may_judge(by, task):
        raise Conflict("You have judged this decision, so someone else does now.", code="already_judged")
    decision = facts.of_decision(task.decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    entry = submission.Entry(verdict, output, reason_code, justification.strip(), tuple(evidence), confidence)
    if faults := submission.faults(entry, spec, document=decision.input, decided=decision.output):
        raise Invalid("The correction is not complete.", fields=faults)
    judged = submission.judged_output(entry, decided=decision.output)
    correction = Correction.objects.create(
        task=task,
        decision_id=decision.id,
        author=by,
        round=task.round,
        verdict=verdict,
        output=judged,
        reason_code=reason_code,
        justification=entry.justification,
        evidence=list(evidence),
        confidence=confidence,
        contract_version=spec.version,
        policy_version=decision.policy_version,
        artifact_digest=decision.artifact_digest,
        shown=dict(shown or {}),
        time_spent_ms=max(0, time_spent_ms),
        client=client[:200],
        lease_token=token,
        digest=dedup.digest(
            decision=str(decision.id),
            author=str(by.pk),
            verdict=verdict,
            output=judged,
            reason=reason_code,
            justification=entry.justification,
        ),
        submitted_at=clock.now(),
    )
    tasks.close(task, Task.State.DONE)
    drafts.discard(task_id=task.pk, by=by)
    escalation, why = _escalate_if_risky(correction, decision, spec, by)
    events.record(
        "correction.submitted",
        subject=("decision", str(decision.id)),
        actor=actors.of(by),
        scope=decision.agent_slug,
        data={
            "correction": str(correction.pk),
            "task": str(task.pk),
            "verdict": verdict,
            "reason": reason_code,
            "escalated": escalation is not None,
        },
    )
    return Submitted(correction.pk, escalation.pk if escalation else None, why)


def _escalate_if_risky(
    correction: Correction, decision: facts.Facts, spec: ContractSpec, by: User
) -> tuple[Escalation | None, tuple[str, ...]]:
    if correction.output is None:
        return None, ()
    met = review.escalations(
        spec,
        input=decision.input,
        output=decision.output,
        correction=correction.output,
        confidence=decision.confidence,
        verdict=correction.verdict,
    )
    if not met:
        return None, ()
    approval = approvals.request(
        kind="correction",
        subject=("correction", str(correction.pk)),
        scope=decision.agent_slug,
        binding=binding(correction),
        by=by,
    )
    now = clock.now()
    escalation = Escalation.objects.create(
        correction=correction,
        agent_id=decision.agent_id,
        approval=approval,
        rules=[{"id": rule.id, "text": rule.text} for rule in met],
        due_at=now + timedelta(minutes=spec.review_minutes),
        raised_at=now,
    )
    events.record(
        "escalation.raised",
        subject=("decision", str(decision.id)),
        actor=actors.of(by),
        scope=decision.agent_slug,
        data={"escalation": str(escalation.pk), "correction": str(correction.pk), "rules": [rule.id for rule in met]},
    )
    live.push(f"escalations.{decision.agent_slug}", {"escalation": str(escalation.pk)})
    return escalation, tuple(rule.text for rule in met)


def binding(correction: Correction) -> str:
    """Return the digest of exactly what a second person decides on."""
    return ids.digest(
        {
            "correction": str(correction.pk),
            "decision": str(correction.decision_id),
            "verdict": correction.verdict,
            "output": correction.output,
            "reason": correction.reason_code,
            "justification": correction.justification,
            "evidence": correction.evidence,
        }
    )


def _locked(task_id: UUID) -> Task:
    found = Task.objects.select_for_update(of=("self",)).select_related("queue__agent", "lease_holder")
    task = found.filter(pk=task_id).first()
    if task is None:
        raise Missing("This task does not exist.")
    return task


def hand_back(*, correction: Correction, task: Task, by: User) -> None:
    """Give a returned correction's entries back to its author `by` as the draft of the new task."""
    body = {
        "verdict": correction.verdict,
        "output": correction.output if correction.verdict == Correction.Verdict.CORRECT else None,
        "reason_code": correction.reason_code,
        "justification": correction.justification,
        "evidence": correction.evidence,
        "confidence": correction.confidence,
    }
    drafts.save(task_id=task.pk, body=body, by=by)
