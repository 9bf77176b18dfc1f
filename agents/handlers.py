"""What the execution plane does when something happens."""

from typing import TYPE_CHECKING
from uuid import UUID

from agents.services import deliveries, incidents, notices, timeouts
from reviewapp.core import events

if TYPE_CHECKING:
    from reviewapp.core.events.models import Event


@events.subscribe("decision.flagged")
def await_people(event: "Event") -> None:
    """Note until when the agent waits. Here, so that deciding itself costs no more."""
    timeouts.await_people(decision_id=UUID(event.subject_id))


@events.subscribe("decision.resolved", "decision.timed_out")
def send(event: "Event") -> None:
    """Write the messages to the agent's webhooks; they are sent apart from this."""
    deliveries.enqueue(event_id=event.id, kind=event.type, decision_id=UUID(event.subject_id), at=event.recorded_at)


@events.subscribe("decision.amended")
def send_amendment(event: "Event") -> None:
    """Tell the agent's webhooks that people now say something else."""
    deliveries.enqueue(
        event_id=event.id,
        kind=event.type,
        decision_id=UUID(event.subject_id),
        at=event.recorded_at,
        amendment=UUID(event.data["amendment"]),
    )


@events.subscribe("webhook.disabled")
def tell_of_webhook(event: "Event") -> None:
    """Tell those who can mend it, and keep it as an incident until somebody has."""
    notices.webhook_disabled(event=event)
    incidents.webhook_disabled(event=event)


@events.subscribe("incident.opened", "incident.declared")
def tell_of_incident(event: "Event") -> None:
    """Tell those who can mend what nobody was told of yet."""
    notices.incident_opened(event=event)
