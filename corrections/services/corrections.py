"""Submitting a correction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from agents.selectors import contracts, facts
from corrections.models import Attachment, Correction, Escalation, Task
from corrections.rules import dedup, holding, submission
from corrections.selectors import rights, taken
from corrections.services import attachments as files
from corrections.services import blind, drafts, risk, seats, submitting, tasks
from corrections.services.submitting import Submitted
from reviewapp.core import clock, events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid

__all__ = ["Submitted", "submit"]


@dataclass(frozen=True, slots=True)
class _Given:
    """What came with the entries: the lease's token, what was shown, how long it took, by which program, which files,
    and the version of the contract that it was entered for where that was said."""

    token: int
    shown: Mapping[str, Any]
    time_spent_ms: int
    client: str
    attachments: tuple[str, ...]
    contract_version: int | None
    hold_seconds: int


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
    attachments: Sequence[str] = (),
    contract_version: int | None = None,
    hold_seconds: int = 0,
    by: User,
) -> Submitted:
    """Submit one person's judgement of the decision behind a task they hold.

    `output` is only read for the verdict "correct"; agreeing means the decision's own output. `evidence` are JSON pointers
    (RFC 6901) into the input, `attachments` the ids of files that `by` gave for this task; with `contract_version` only
    when that is the decision's own. A correction that meets an escalation rule of the contract, or whose rule cannot be
    told, waits for a second person. With `hold_seconds` nothing leaves for so long, and the author may undo it; less where
    an agent would wait in vain. The same submission again returns the first one. Raises `Invalid` with dotted paths,
    `Conflict` (lease lost, task closed) after keeping the entries as a draft, `Missing`, `NotAllowed`.
    """
    # Files take more than one statement; few judgements have any.
    ordinary = (
        submitting.submit(
            task_id=task_id,
            token=token,
            verdict=verdict,
            output=output,
            reason_code=reason_code,
            justification=justification,
            evidence=evidence,
            confidence=confidence,
            shown=shown,
            time_spent_ms=time_spent_ms,
            client=client,
            contract_version=contract_version,
            hold_seconds=hold_seconds,
            by=actors.of(by),
        )
        if not attachments
        else None
    )
    if ordinary is not None:
        return ordinary
    entry = submission.Entry(verdict, output, reason_code, justification.strip(), tuple(evidence), confidence)
    given = _Given(
        token,
        dict(shown or {}),
        max(0, time_spent_ms),
        client[:200],
        tuple(attachments),
        contract_version,
        hold_seconds,
    )
    try:
        with transaction.atomic():
            return _submit(task_id, entry, given, by)
    except Conflict:
        # Outside the transaction that the refusal rolled back: what was typed must outlive it.
        if not Correction.objects.filter(task_id=task_id, author=by).exists():
            drafts.keep(task_id=task_id, entry=entry, attachments=attachments, by=by)
        raise


def _submit(task_id: UUID, entry: submission.Entry, given: _Given, by: User) -> Submitted:
    task = tasks.locked(task_id)
    rights.require_queue(by, task.queue)
    decision = facts.of_decision(task.decision_id)
    added, unknown = files.chosen(task_id=task_id, named=given.attachments, by=by)
    digest = _digest(decision, entry, added, by)
    if first := _repeated(task, digest, given.token, by):
        return first
    tasks.require_lease(task, given.token, by)
    tasks.hold_decisions(task.decision_id)
    rights.require_fresh(by, task)
    blind.require_first(task, by)
    spec = contracts.by_id(decision.contract_id).spec
    if given.contract_version not in (None, spec.version):
        raise Conflict(
            f"You wrote this for contract version {given.contract_version}, but the case is judged under version"
            f" {spec.version}. Look at what still fits, then submit again.",
            code="contract_moved",
            extra={"contract_version": spec.version},
        )
    faults = submission.faults(entry, spec, document=decision.input, decided=decision.output)
    if task.kind == Task.Kind.ADJUDICATION and entry.verdict == "escalate":
        faults["verdict"] = "The reviewers have passed this on to you: settle it, or say that you can’t tell."
    faults.update(unknown)
    if faults:
        raise Invalid("The correction is not complete.", fields=faults)
    now = clock.now()
    held_until = holding.until(now, given.hold_seconds, agent_waits_until=taken.waits_until(decision.id))
    correction = Correction.objects.create(
        task=task,
        decision_id=decision.id,
        author=by,
        replaces=_returned(task, by),
        verdict=entry.verdict,
        output=submission.judged_output(entry, decided=decision.output),
        reason_code=entry.reason_code,
        justification=entry.justification,
        evidence=list(entry.evidence),
        confidence=entry.confidence,
        contract_version=spec.version,
        policy_version=decision.policy_version,
        artifact_digest=decision.artifact_digest,
        shown=given.shown,
        time_spent_ms=given.time_spent_ms,
        client=given.client,
        lease_token=given.token,
        digest=digest,
        submitted_at=now,
        held_until=held_until,
    )
    files.bind(rows=added, correction=correction)
    seats.close(task, Task.State.DONE)
    drafts.discard(task_id=task.pk, by=by)
    # A second person hears of it once it can no longer be undone.
    why = risk.why_risky(correction, decision, spec)
    escalation = risk.escalate(correction, decision, spec, by=by) if why and held_until is None else None
    events.record(
        "correction.submitted",
        subject=("decision", str(decision.id)),
        actor=actors.of(by),
        scope=decision.agent_slug,
        data={
            "correction": str(correction.pk),
            "task": str(task.pk),
            "verdict": entry.verdict,
            "reason": entry.reason_code,
            "escalated": escalation is not None,
            **({"held_until": held_until.isoformat()} if held_until else {}),
            **({"attachments": [row.digest for row in added]} if added else {}),
        },
        not_before=held_until,
    )
    return Submitted(correction.pk, escalation.pk if escalation else None, why, held_until)


def _digest(decision: facts.Facts, entry: submission.Entry, added: Sequence[Attachment], by: User) -> str:
    judged = submission.judged_output(entry, decided=decision.output)
    return dedup.digest(
        decision=str(decision.id),
        author=str(by.pk),
        verdict=entry.verdict,
        output=judged if submission.storable(judged) else None,
        reason=entry.reason_code,
        justification=entry.justification,
        attachments=[row.digest for row in added],
    )


def _repeated(task: Task, said: str, token: int, by: User) -> Submitted | None:
    """Return what the same submission came to before: a client that lost the answer sends it again."""
    first = Correction.objects.filter(task=task, author=by, digest=said, lease_token=token).first()
    if first is None:
        return None
    escalation = Escalation.objects.filter(correction=first).first()
    why = tuple(rule["text"] for rule in escalation.rules) if escalation else ()
    return Submitted(first.pk, escalation.pk if escalation else None, why, first.held_until)


def _returned(task: Task, by: User) -> Correction | None:
    """Return the person's own correction that was returned to them, or that they undid, and that this one replaces."""
    if task.reserved_for_id != by.pk:
        return None
    back = Q(escalation__approval__state="returned") | Q(undone__isnull=False)
    own = Correction.objects.filter(back, decision_id=task.decision_id, author=by, replaced_by__isnull=True)
    return own.first()
