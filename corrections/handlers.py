"""What the feedback plane does when something happens."""

from typing import TYPE_CHECKING
from uuid import UUID

from corrections.services import aggregation, notices, risk, searching, seats
from reviewapp.core import events
from reviewapp.core.accounts import actors

if TYPE_CHECKING:
    from reviewapp.core.events.models import Event


@events.subscribe("decision.flagged")
def open_tasks(event: "Event") -> None:
    """Open the review tasks of a flagged decision."""
    seats.open_for_decision(decision_id=UUID(event.subject_id), by=actors.SYSTEM)


@events.subscribe("correction.submitted")
def escalate(event: "Event") -> None:
    """Ask for a second person now that the correction can no longer be undone. Before anybody counts it."""
    risk.escalate_held(correction_id=UUID(event.data["correction"]))


@events.subscribe("correction.submitted", "escalation.decided")
def aggregate(event: "Event") -> None:
    """Work out the consensus once something new was said.

    In the relay's own transaction: the event is only done when its effect is, so no crash can come between.
    """
    aggregation.aggregate(decision_id=UUID(event.subject_id), by=actors.SYSTEM)


@events.subscribe("correction.submitted")
def find_by(event: "Event") -> None:
    """Let search find the correction now that it can no longer be undone."""
    searching.keep_correction(correction_id=UUID(event.data["correction"]))


@events.subscribe("correction.recalled")
def form_anew(event: "Event") -> None:
    """Work out what people say without it, in the relay's own transaction."""
    aggregation.reform(decision_id=UUID(event.subject_id), cause="recalled", by=actors.SYSTEM)


@events.subscribe("decision.timed_out")
def close_tasks(event: "Event") -> None:
    """Close the tasks of a decision that the contract has denied; after a fallback people still judge it, to learn from."""
    if event.data["do"] == "deny":
        seats.cancel_all(decision_id=UUID(event.subject_id), by=actors.SYSTEM)


@events.subscribe("certificate.ending")
def tell_of_certificate(event: "Event") -> None:
    """Tell the holder and who renews it."""
    notices.certificate_ending(event=event)


@events.subscribe("task.handed_over")
def tell_receiver(event: "Event") -> None:
    """Tell the person who got the case."""
    notices.handed_over(event=event)


@events.subscribe("queue.deadline")
def tell_of_deadlines(event: "Event") -> None:
    """Tell who holds a case that runs out of time, and who works in its queue."""
    notices.deadline(event=event)


@events.subscribe("escalation.raised")
def tell_officers(event: "Event") -> None:
    """Tell those who may decide."""
    notices.escalation_raised(event=event)


@events.subscribe("escalation.decided")
def tell_author(event: "Event") -> None:
    """Tell the author what was decided."""
    notices.escalation_decided(event=event)
