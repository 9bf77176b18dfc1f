"""Answering flagged decisions: once, by people or by the contract's own terms."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.models import Deadline, Decision, Resolution
from agents.selectors import answers, contracts
from reviewapp.core import clock, events, ids
from reviewapp.core.errors import Conflict, Invalid, Missing

PEOPLE = frozenset({Resolution.Source.REVIEW, Resolution.Source.ESCALATION, Resolution.Source.ADJUDICATION})


@transaction.atomic
def resolve(
    *, decision_id: UUID, output: Mapping[str, Any], source: str, reference: str = "", by: events.Actor
) -> Resolution:
    """Give a flagged decision its answer, once; the agent that waits for it gets it.

    `source` is "review", "escalation" or "adjudication", `reference` names what it rests on. The same answer again
    returns the first. Raises `Missing`, `Invalid` when the output breaks the contract, and `Conflict` with the first
    answer in `extra` when it was a different one, or when the decision was automatic.
    """
    decision = locked(decision_id)
    if decision.status == Decision.Status.AUTO:
        raise Conflict("This decision was automatic: it has its answer already.", code="not_flagged")
    first = Resolution.objects.filter(decision=decision).first()
    if first is not None:
        return _again(decision, first, output)
    faults = contracts.by_id(decision.contract_id).spec.output.validate(output, prefix="output")
    if faults:
        raise Invalid("The answer breaks the agent's contract.", fields=dict(faults))
    if source not in PEOPLE:
        raise Invalid("Say who settled it.", fields={"source": "Use review, escalation or adjudication."})
    return write(decision, dict(output), source=source, reference=reference, by=by)


def locked(decision_id: UUID) -> Decision:
    """Return a decision with its row locked: whoever answers it holds this lock, so two never answer at once.

    Inside the caller's transaction. Raises `Missing`.
    """
    found = Decision.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=decision_id).first()
    if found is None:
        raise Missing("There is no such decision.")
    return found


def write(
    decision: Decision,
    output: dict[str, Any] | None,
    *,
    source: str,
    reference: str,
    outcome: str = Deadline.Outcome.ANSWERED,
    by: events.Actor,
) -> Resolution:
    """Write the answer of a locked decision that has none, and end its wait with `outcome`. Inside the transaction."""
    now = clock.now()
    resolution = Resolution.objects.create(
        id=ids.uuid7(),
        decision=decision,
        agent_id=decision.agent_id,
        contract_id=decision.contract_id,
        output=output,
        source=source,
        reference=reference,
        resolved_at=now,
        resolved_by_kind=by.kind,
        resolved_by=by.id,
        resolved_by_label=by.label,
    )
    Deadline.objects.filter(decision=decision, outcome="").update(outcome=outcome, settled_at=now)
    events.record(
        "decision.resolved",
        subject=("decision", str(decision.pk)),
        actor=by,
        scope=decision.agent.slug,
        data={"resolution": str(resolution.pk), "source": source, "changed": output != decision.output},
    )
    return resolution


def _again(decision: Decision, first: Resolution, output: Mapping[str, Any]) -> Resolution:
    if first.output == output:
        return first
    raise Conflict(
        "This decision has its answer already; an answer is given once.",
        code="resolved",
        extra={
            "resolution": {
                **(answers.outcome(decision, first, decision.agent.slug) or {}),
                "resolved_by": first.resolved_by_label,
            }
        },
    )
