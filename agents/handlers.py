"""What the execution plane does when something happens."""

from typing import TYPE_CHECKING
from uuid import UUID

from agents.services import timeouts
from reviewapp.core import events

if TYPE_CHECKING:
    from reviewapp.core.events.models import Event


@events.subscribe("decision.flagged")
def await_people(event: "Event") -> None:
    """Note until when the agent waits. Here, so that deciding itself costs no more."""
    timeouts.await_people(decision_id=UUID(event.subject_id))
