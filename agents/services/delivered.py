"""Messages that arrived leave once their time is over; what is on its way or was given up stays until it arrives."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from agents.models import WebhookDelivery, WebhookEndpoint
from reviewapp.core import events

events.external("webhook.forgotten")
# So many rows at a time: the lock on each lasts milliseconds, and a table of years is through in some hours.
_AT_ONCE, _TURNS = 5_000, 20


def forget_due(*, now: datetime, by: events.Actor) -> int:
    """Delete messages that arrived WEBHOOK_RETENTION_DAYS before `now` or earlier; return how many.

    Each transaction leaves an event with the address and the number. PostgreSQL refuses to delete any other message.
    """
    if not settings.WEBHOOK_RETENTION_DAYS:
        return 0
    before, gone = now - timedelta(days=settings.WEBHOOK_RETENTION_DAYS), 0
    turns = _TURNS
    for endpoint in WebhookEndpoint.objects.select_related("agent").order_by("pk"):
        while turns > 0:
            turns -= 1
            count = _forget(endpoint, before, by)
            gone += count
            if count < _AT_ONCE:
                break
    return gone


@transaction.atomic
def _forget(endpoint: WebhookEndpoint, before: datetime, by: events.Actor) -> int:
    arrived = WebhookDelivery.objects.filter(
        endpoint=endpoint, state=WebhookDelivery.State.DELIVERED, closed_at__lte=before
    )
    # What somebody sends again at this moment is theirs.
    taken = list(arrived.select_for_update(skip_locked=True).order_by("id").values_list("pk", flat=True)[:_AT_ONCE])
    if not taken:
        return 0
    WebhookDelivery.objects.filter(pk__in=taken).delete()
    data = {"messages": len(taken), "before": before.isoformat()}
    subject = ("webhook", str(endpoint.pk))
    events.record("webhook.forgotten", subject=subject, actor=by, scope=endpoint.agent.slug, data=data)
    return len(taken)
