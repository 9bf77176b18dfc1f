"""Making queues."""

from uuid import UUID

from django.db import transaction

from corrections.models import Queue
from reviewapp.core import events
from reviewapp.core.errors import Invalid

events.external("queue.configured")


@transaction.atomic
def configure(
    *,
    agent_id: UUID,
    agent_slug: str,
    code: str,
    name: str,
    purpose: str = "",
    kind: str = Queue.Kind.STANDARD,
    seats: int = 1,
    lease_seconds: int = 900,
    due_minutes: int = 120,
    position: int = 50,
    blind_percent: int = 0,
    by: events.Actor,
) -> Queue:
    """Make a queue of an agent, or change the one with this code; tasks already waiting keep their deadlines.

    `seats` is how many independent reviews each decision gets (1 to 5); of `blind_percent` in a hundred decisions reviewers
    see the agent's answer only after they have recorded their own. Raises `Invalid` naming the field.
    """
    faults: dict[str, str] = {}
    if not name.strip():
        faults["name"] = "Give the queue a name."
    if not 1 <= seats <= 5:
        faults["seats"] = "Use 1 to 5 independent reviews."
    if lease_seconds < 30:
        faults["lease_seconds"] = "Use at least 30 seconds."
    if due_minutes < 1:
        faults["due_minutes"] = "Use at least one minute."
    if not 0 <= blind_percent <= 100:
        faults["blind_percent"] = "Use 0 (never) to 100 (every case)."
    if kind not in Queue.Kind.values:
        faults["kind"] = f"Use one of {', '.join(Queue.Kind.values)}."
    if faults:
        raise Invalid("The queue is not complete.", fields=faults)
    queue, _ = Queue.objects.update_or_create(
        agent_id=agent_id,
        code=code,
        defaults={
            "name": name.strip(),
            "purpose": purpose,
            "kind": kind,
            "seats": seats,
            "lease_seconds": lease_seconds,
            "due_minutes": due_minutes,
            "position": position,
            "blind_percent": blind_percent,
        },
    )
    events.record(
        "queue.configured",
        subject=("queue", str(queue.pk)),
        actor=by,
        scope=agent_slug,
        data={"code": code, "kind": kind, "seats": seats, "blind_percent": blind_percent},
    )
    return queue
