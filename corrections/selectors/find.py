"""Finding queues and open cases by what somebody types."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from corrections.models import Queue, Task
from corrections.selectors import rights
from reviewapp.core.accounts.models import User


@dataclass(frozen=True, slots=True)
class Found:
    """Something found: its words, and where it belongs."""

    id: UUID
    words: str
    place: str


def queues(user: User, typed: str, *, limit: int) -> list[Found]:
    """Return queues whose name or agent holds every word typed, of the agents the person may see."""
    rows = Queue.objects.filter(agent__in=rights.visible_agents(user)).select_related("agent")
    for word in typed.split():
        rows = rows.filter(Q(name__icontains=word) | Q(agent__name__icontains=word))
    return [Found(row.pk, row.name, row.agent.name) for row in rows.order_by("agent__name", "position")[:limit]]


def cases(user: User, typed: str, *, limit: int) -> list[Found]:
    """Return open cases whose title or reference holds every word typed, most urgent first, one per decision and queue."""
    rows = Task.objects.filter(state=Task.State.OPEN, queue__agent__in=rights.visible_agents(user))
    for word in typed.split():
        rows = rows.filter(Q(title__icontains=word) | Q(decision__case_ref__icontains=word))
    listed = rows.select_related("queue", "decision").order_by("-priority", "due_at", "pk")[: limit * 5]
    # A decision has a task for each seat: whoever looks for a case means the case.
    first = {(row.decision_id, row.queue_id): row for row in reversed(listed)}
    chosen = sorted(first.values(), key=lambda row: (-row.priority, row.due_at, row.pk))[:limit]
    return [
        Found(row.pk, ", ".join(filter(None, [row.decision.case_ref, row.title])), row.queue.name) for row in chosen
    ]
