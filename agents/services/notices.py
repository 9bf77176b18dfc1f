"""Telling people of an agent's connections."""

from agents.models import Agent, WebhookEndpoint
from reviewapp.core.accounts import access
from reviewapp.core.events.models import Event
from reviewapp.core.incidents import kinds
from reviewapp.core.incidents.models import Incident
from reviewapp.core.notices.services import telling


def webhook_disabled(*, event: Event) -> int:
    """Tell those who develop and operate an agent that a webhook of it was switched off; return how many."""
    endpoint = WebhookEndpoint.objects.select_related("agent").get(pk=event.subject_id)
    people: set[int] = set()
    for right in ("agents.develop_agent", "agents.operate_agent"):
        people |= set(access.holders(right, endpoint.agent).values_list("pk", flat=True))
    return telling.tell(
        event_id=event.id,
        topic="connection",
        people=people,
        title=f"A webhook of {endpoint.agent.name} was switched off",
        text="Its receiver kept failing. Answers wait; resume it once the receiver is mended.",
        path=f"/agents/{endpoint.agent.slug}/webhooks/",
        scope=event.scope,
    )


# What a notice of its own tells of already.
_TOLD = {kinds.ROLLED_BACK, kinds.PAUSED, kinds.WEBHOOK}


def incident_opened(*, event: Event) -> int:
    """Tell those who operate and release what an incident is about; return how many were told."""
    row = Incident.objects.get(pk=event.subject_id)
    kind = kinds.KINDS[row.kind]
    if kind.code in _TOLD:
        return 0
    agent = Agent.objects.filter(slug=event.scope).first() if event.scope else None
    people: set[int] = set()
    for right in ("agents.operate_agent", "agents.release_policy"):
        people |= set(access.holders(right, agent).values_list("pk", flat=True))
    if event.actor_kind == "person" and event.actor_id.isdigit():
        # Who declared it knows.
        people.discard(int(event.actor_id))
    return telling.tell(
        event_id=event.id,
        topic="connection",
        people=people,
        title=str(kind.title) % row.data,
        text=str(kind.advice),
        path=f"/incidents/{event.subject_id}/",
        scope=event.scope,
    )
