"""Telling people of an agent's connections."""

from agents.models import WebhookEndpoint
from reviewapp.core.accounts import access
from reviewapp.core.events.models import Event
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
