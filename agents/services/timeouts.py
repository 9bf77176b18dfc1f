"""The end of waiting: what the contract promised for the case that people do not answer, given once."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from agents.models import Deadline, Decision, Resolution
from agents.selectors import contracts
from agents.services import resolutions
from reviewapp.core import events

_AT_ONCE = 200


@transaction.atomic
def await_people(*, decision_id: UUID) -> Deadline | None:
    """Note until when an agent waits for a flagged decision: the contract's review time after it; idempotent.

    None when nobody waits: the decision is automatic, was recorded after the fact, or has its answer.
    """
    decision = resolutions.locked(decision_id)
    if decision.status == Decision.Status.AUTO or decision.mode == Decision.Mode.RECORD:
        return None
    if Resolution.objects.filter(decision=decision).exists():
        return None
    minutes = contracts.by_id(decision.contract_id).spec.review_minutes
    row, _ = Deadline.objects.get_or_create(
        decision=decision,
        defaults={"agent_id": decision.agent_id, "due_at": decision.decided_at + timedelta(minutes=minutes)},
    )
    return row


def fire_due(*, now: datetime, by: events.Actor) -> int:
    """Apply `on_timeout` to every decision whose review is overdue at `now`; return how many it was applied to.

    Each in a transaction of its own. Run twice, or by two at once, each decision is still dealt with once.
    """
    due = Deadline.objects.filter(outcome="", due_at__lte=now).order_by("due_at")
    waiting = list(due.values_list("pk", flat=True)[:_AT_ONCE])
    return sum(fire(decision_id=decision_id, now=now, by=by) for decision_id in waiting)


@transaction.atomic
def fire(*, decision_id: UUID, now: datetime, early: bool = False, by: events.Actor) -> bool:
    """Apply the contract's `on_timeout` to one overdue decision; return whether this call did it.

    With `early` it need not be overdue by the contract's own time: a queue may say that an agent waits no longer.

    "fallback" and "deny" give the agent the declared output for good. "review" leaves the last word to people: the
    agent's channels tell that the time is over, and the answer still comes. A person who answers at the same moment
    either was first, and nothing happens here, or finds the answer given.
    """
    decision = resolutions.locked(decision_id)
    row = Deadline.objects.filter(decision=decision, outcome="").first()
    if row is None or (row.due_at > now and not early):
        return False
    terms = contracts.by_id(decision.contract_id).spec.on_timeout
    if terms.do == "review":
        row.outcome, row.settled_at = Deadline.Outcome.REVIEW, now
        row.save(update_fields=["outcome", "settled_at"])
    else:
        output = dict(terms.output) if terms.output is not None else None
        resolutions.write(decision, output, source="contract", reference="on_timeout", outcome=terms.do, by=by)
    events.record(
        "decision.timed_out",
        subject=("decision", str(decision.pk)),
        actor=by,
        scope=decision.agent.slug,
        data={"do": terms.do, "due_at": row.due_at.isoformat()},
    )
    return True


@transaction.atomic
def give_up(*, decision_id: UUID, reference: str, by: events.Actor) -> Resolution:
    """Answer a decision that nobody could tell with what the contract declares for lateness; idempotent.

    Nobody will look at it again, so a contract that declares no output answers null: the agent must not act on it.
    """
    decision = resolutions.locked(decision_id)
    first = Resolution.objects.filter(decision=decision).first()
    if first is not None:
        return first
    terms = contracts.by_id(decision.contract_id).spec.on_timeout
    output = dict(terms.output) if terms.output is not None else None
    return resolutions.write(decision, output, source="contract", reference=reference, by=by)
