"""From corrections to one authoritative consensus per decision."""

from uuid import UUID

from django.db import transaction

from agents.selectors import contracts, facts
from agents.services import resolutions
from corrections.models import Consensus, Correction, Task
from corrections.rules import consensus as rules
from corrections.services import tasks
from reviewapp.core import clock, events
from reviewapp.core.events import live


@transaction.atomic
def aggregate(*, decision_id: UUID, by: events.Actor) -> Consensus | None:
    """Work out what people say about a decision, and write it when it is settled; return the authoritative consensus.

    Idempotent: running twice, or two at once, changes nothing more. While seats or escalations are open nothing is
    written; a disagreement opens one adjudication task. A usable consensus resolves the decision for the waiting agent.
    """
    _serialise(decision_id)
    earlier = Consensus.objects.filter(decision_id=decision_id, authoritative=True).first()
    if earlier is not None:
        return earlier
    decision = facts.of_decision(decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    counted = list(
        Correction.objects.filter(decision_id=decision_id)
        .select_related("task", "author", "escalation__approval")
        .order_by("submitted_at", "id")
    )
    if any(_waits(correction) for correction in counted):
        return None
    outcome = rules.settle(
        [_opinion(correction) for correction in counted if _counts(correction)],
        seats_open=Task.objects.filter(decision_id=decision_id, state=Task.State.OPEN, kind=Task.Kind.REVIEW).count(),
        action_field=spec.action_field,
        classes=max(len(spec.actions), 2),
    )
    if outcome.state == "disputed":
        tasks.open_adjudication(decision_id=decision_id, by=by)
        return None
    if outcome.state == "waiting":
        return None
    return _write(decision, outcome, spec.action_field, by)


def _write(decision: facts.Facts, outcome: rules.Outcome, action_field: str, by: events.Actor) -> Consensus:
    output = dict(outcome.output) if outcome.output is not None else None
    label = str(output.get(action_field, "")) if output is not None else ""
    row = Consensus.objects.create(
        decision_id=decision.id,
        agent_id=decision.agent_id,
        state=outcome.state,
        output=output,
        label=label,
        confidence=outcome.confidence,
        method=outcome.method,
        changed=output is not None and output != decision.output,
        corrections=[UUID(opinion) for opinion in outcome.opinions],
        formed_at=clock.now(),
    )
    events.record(
        "consensus.formed",
        subject=("decision", str(decision.id)),
        actor=by,
        scope=decision.agent_slug,
        data={
            "consensus": str(row.pk),
            "agent": decision.agent_slug,
            "agent_id": str(decision.agent_id),
            "state": row.state,
            "label": label,
            "changed": row.changed,
            "method": row.method,
        },
    )
    if output is not None:
        resolutions.resolve(
            decision_id=decision.id,
            output=output,
            source="adjudication" if outcome.method == "adjudication" else "review",
            reference=f"consensus:{row.pk}",
            by=by,
        )
        live.push(f"decision.{decision.id}", {"decision": str(decision.id)})
    return row


def _serialise(decision_id: UUID) -> None:
    # The decision's tasks are the lock: whoever submits the last seat and whoever decides the escalation may meet here.
    list(Task.objects.select_for_update().filter(decision_id=decision_id).order_by("id").values_list("pk", flat=True))


def _waits(correction: Correction) -> bool:
    escalation = getattr(correction, "escalation", None)
    return escalation is not None and escalation.approval.state == "pending"


def _counts(correction: Correction) -> bool:
    escalation = getattr(correction, "escalation", None)
    return escalation is None or escalation.approval.state == "approved"


def _opinion(correction: Correction) -> rules.Opinion:
    return rules.Opinion(
        id=str(correction.pk),
        digest=correction.digest,
        verdict=correction.verdict,
        output=correction.output,
        senior=correction.task.kind == Task.Kind.ADJUDICATION,
    )
