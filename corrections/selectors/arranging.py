"""What somebody can do with cases that wait, as the page asks before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from corrections.models import Queue, Task
from corrections.selectors import rights
from reviewapp.core.accounts.models import User


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case that was chosen."""

    id: UUID
    title: str
    case_ref: str
    queue: str
    held_by: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What was chosen, and the review queues (id, agent, name) cases can go to; `lost` were chosen and are not there any more."""

    chosen: list[Chosen]
    queues: list[tuple[UUID, str, str]]
    lost: int


def plan(user: User, task_ids: Sequence[UUID]) -> Plan:
    """Return the open ones of the cases named that belong to agents whose queues the person keeps."""
    kept = [agent for agent in rights.visible_agents(user) if rights.may_configure(user, agent)]
    rows = Task.objects.filter(pk__in=task_ids, state=Task.State.OPEN, queue__agent__in=kept)
    listed = list(rows.select_related("queue", "decision", "lease_holder").order_by("-priority", "due_at", "pk"))
    agents = {row.queue.agent_id for row in listed}
    queues = Queue.objects.filter(agent__in=agents, kind=Queue.Kind.STANDARD).select_related("agent")
    return Plan(
        chosen=[
            Chosen(
                row.pk,
                row.title,
                row.decision.case_ref,
                row.queue.name,
                row.lease_holder.display_name if row.lease_holder else "",
            )
            for row in listed
        ],
        queues=[(one.pk, one.agent.name, one.name) for one in queues.order_by("agent__name", "position", "name")],
        lost=len(set(task_ids)) - len(listed),
    )
