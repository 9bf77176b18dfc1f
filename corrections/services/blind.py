"""Recording what a reviewer thinks of a blind case before they see what the agent decided."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.contracts.spec import ContractSpec
from agents.selectors import contracts, facts
from corrections.models import FirstJudgement, Task
from corrections.rules import submission
from corrections.selectors import rights
from corrections.services import drafts, tasks
from reviewapp.core import clock, events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid

events.external("judgement.recorded")

_LONGEST = 10_000


@transaction.atomic
def record(
    *,
    task_id: UUID,
    token: int,
    output: Mapping[str, Any] | None,
    justification: str = "",
    confidence: int | None = None,
    contract_version: int | None = None,
    by: User,
) -> FirstJudgement:
    """Keep a person's own judgement of a blind case; from then on they see the agent's decision. It never changes.

    `output` is what the agent should answer, by the contract's output schema; None says that they cannot tell from the
    inputs. `confidence` is 1 to 5. Their draft then holds the same, as agreement or correction, to be submitted or changed.
    Recorded twice, the first one stays and is returned. Raises `Missing`, `NotAllowed`, `Invalid` by dotted path, and
    `Conflict` without a lease, for a case that is not blind, or when the case is judged under another contract.
    """
    task = tasks.locked(task_id)
    rights.require_queue(by, task.queue)
    first = FirstJudgement.objects.filter(decision_id=task.decision_id, author=by).first()
    if first is not None:
        return first
    tasks.require_lease(task, token, by)
    tasks.hold_decisions(task.decision_id)
    rights.require_fresh(by, task)
    if not task.blind:
        raise Conflict("This case is not reviewed blind: submit your judgement at once.", code="not_blind")
    decision = facts.of_decision(task.decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    if contract_version not in (None, spec.version):
        raise Conflict(
            f"You wrote this for contract version {contract_version}, but the case is judged under version {spec.version}."
            " Look at what still fits, then record it again.",
            code="contract_moved",
            extra={"contract_version": spec.version},
        )
    if faults := _faults(spec, output, justification, confidence):
        raise Invalid("Your judgement is not complete.", fields=faults)
    row = FirstJudgement.objects.create(
        task=task,
        decision_id=task.decision_id,
        author=by,
        output=dict(output) if output is not None else None,
        justification=justification.strip(),
        confidence=confidence,
        contract_version=spec.version,
        recorded_at=clock.now(),
    )
    drafts.keep(task_id=task_id, entry=_entry(row, decision.output), by=by)
    events.record(
        "judgement.recorded",
        subject=("decision", str(task.decision_id)),
        actor=actors.of(by),
        scope=decision.agent_slug,
        data={"task": str(task.pk), "queue": str(task.queue_id), "seat": task.seat},
    )
    return row


def require_first(task: Task, by: User) -> None:
    """Raise `Conflict` when a case is blind and the person has not judged it without the agent's answer yet."""
    if task.blind and not FirstJudgement.objects.filter(decision_id=task.decision_id, author=by).exists():
        raise Conflict(
            "This case is reviewed blind: record your own judgement first, then submit what you make of the agent's.",
            code="judge_first",
        )


def _faults(
    spec: ContractSpec, output: Mapping[str, Any] | None, justification: str, confidence: int | None
) -> dict[str, str]:
    found: dict[str, str] = {}
    if output is not None:
        found.update(spec.output.validate(dict(output), prefix="output"))
        if not found and not submission.storable(dict(output)):
            found["output"] = "It holds a character or a number that cannot be stored. Take it out."
    if len(justification) > _LONGEST or not submission.storable(justification):
        found["justification"] = f"Use up to {_LONGEST:,} characters, without control characters."
    if confidence is not None and confidence not in range(1, 6):
        found["confidence"] = "Use 1 (guess) to 5 (certain)."
    return found


def _entry(row: FirstJudgement, decided: Mapping[str, Any] | None) -> submission.Entry:
    verdict = "cannot_tell" if row.output is None else "agree" if row.output == decided else "correct"
    output = row.output if verdict == "correct" else None
    return submission.Entry(verdict, output, "", row.justification, (), row.confidence)
