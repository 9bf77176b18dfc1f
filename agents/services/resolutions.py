"""Answering flagged decisions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.models import Decision, Resolution
from agents.selectors import contracts
from reviewapp.core import clock, events, ids
from reviewapp.core.errors import Conflict, Invalid, Missing

events.external("decision.resolved")


@transaction.atomic
def resolve(
    *, decision_id: UUID, output: Mapping[str, Any], source: str, reference: str = "", by: events.Actor
) -> Resolution:
    """Give a flagged decision its answer, once; the agent that waits for it gets it.

    `source` is "review", "escalation" or "adjudication", `reference` names what it rests on. The same answer again
    returns the first. Raises `Missing`, `Invalid` when the output breaks the contract, and `Conflict` with the first
    answer in `extra` when it was a different one, or when the decision was automatic.
    """
    # The decision's row is the lock: two people may settle the same decision at the same moment.
    decision = Decision.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=decision_id).first()
    if decision is None:
        raise Missing("There is no such decision.")
    if decision.status == Decision.Status.AUTO:
        raise Conflict("This decision was automatic: it has its answer already.", code="not_flagged")
    first = Resolution.objects.filter(decision=decision).first()
    if first is not None:
        return _again(first, output)
    faults = contracts.by_id(decision.contract_id).spec.output.validate(output, prefix="output")
    if faults:
        raise Invalid("The answer breaks the agent's contract.", fields=dict(faults))
    if source not in Resolution.Source.values or source == Resolution.Source.AUTO:
        raise Invalid("Say who settled it.", fields={"source": "Use review, escalation or adjudication."})
    resolution = Resolution.objects.create(
        id=ids.uuid7(),
        decision=decision,
        output=dict(output),
        source=source,
        reference=reference,
        resolved_at=clock.now(),
        resolved_by_kind=by.kind,
        resolved_by=by.id,
        resolved_by_label=by.label,
    )
    events.record(
        "decision.resolved",
        subject=("decision", str(decision.pk)),
        actor=by,
        scope=decision.agent.slug,
        data={"resolution": str(resolution.pk), "source": source, "changed": output != decision.output},
    )
    return resolution


def _again(first: Resolution, output: Mapping[str, Any]) -> Resolution:
    if first.output == output:
        return first
    raise Conflict(
        "This decision has its answer already; an answer is given once.",
        code="resolved",
        extra={
            "resolution": {
                "output": first.output,
                "source": first.source,
                "resolved_at": first.resolved_at.isoformat(),
                "resolved_by": first.resolved_by_label,
            }
        },
    )
