"""Arranging what waits: moving cases, saying how urgent they are, taking them out of hands that left them; one or many at once.

Many at once is one after the other: each case keeps every rule of the single action, and has its own transaction and event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from corrections.models import Queue, Task
from corrections.selectors import rights
from corrections.services import seats
from reviewapp.core import clock
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, DomainError, Invalid, Missing

ACTIONS = ("move", "priority", "free")
# More at once is for a rule of routing or for points: people cannot answer for what they did not look at.
MOST = 200


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one case: `fault` says why nothing did, empty when it was done."""

    task_id: UUID
    title: str
    fault: str


@transaction.atomic
def move(*, task_id: UUID, queue_id: UUID, by: User) -> Task:
    """Move a case that waits to another review queue of its agent; its deadline stays, it is weighed as that queue weighs.

    Raises `Missing`, `NotAllowed`, `Invalid` naming the queue, and `Conflict`: somebody works on it, it waits for its author,
    or it is with a senior.
    """
    task = _waiting(task_id, by)
    _require_free(task)
    if task.kind != Task.Kind.REVIEW:
        raise Conflict("A disagreement is settled in the senior queue.", code="with_senior")
    target = Queue.objects.filter(pk=queue_id, agent=task.queue.agent, kind=Queue.Kind.STANDARD).first()
    if target is None or target.pk == task.queue_id:
        raise Invalid("The case was not moved.", fields={"queue": "Choose another review queue of its agent."})
    left = task.queue_id
    task.queue, task.weighed_under = target, 0
    task.save(update_fields=["queue", "weighed_under"])
    seats.tell("task.moved", task, actors.of(by), slug=target.agent.slug, left=str(left))
    return task


@transaction.atomic
def set_priority(*, task_id: UUID, priority: int, by: User) -> Task:
    """Say how urgent a case is, -100 (can wait) to 100 (first); deadlines and age go on from there.

    Raises `Missing`, `NotAllowed`, `Conflict` when it is closed, and `Invalid` naming the priority.
    """
    task = _waiting(task_id, by)
    if not -100 <= priority <= 100:
        raise Invalid("Nothing was changed.", fields={"priority": "Use -100 to 100."})
    before, task.priority = task.priority, priority
    task.save(update_fields=["priority"])
    seats.tell("task.priority_set", task, actors.of(by), slug=task.queue.agent.slug, before=before, priority=priority)
    return task


@transaction.atomic
def free(*, task_id: UUID, by: User) -> Task:
    """Put a case back that somebody else holds, as when they went home; their draft stays theirs.

    Raises `Missing`, `NotAllowed`, and `Conflict` when it is closed or nobody holds it.
    """
    task = _waiting(task_id, by)
    if task.lease_holder_id is None:
        raise Conflict("Nobody holds it.", code="not_held")
    holder = str(task.lease_holder_id)
    task.lease_holder, task.lease_until = None, None
    task.save(update_fields=["lease_holder", "lease_until"])
    seats.tell(
        "task.released",
        task,
        actors.of(by),
        slug=task.queue.agent.slug,
        reason="Put back by who keeps the queue",
        held=holder,
    )
    return task


def many(
    *, task_ids: Sequence[UUID], action: str, queue_id: UUID | None = None, priority: int | None = None, by: User
) -> list[Done]:
    """Do one thing with up to `MOST` cases, one after the other, in the order they are named; a case named twice is done once.

    What cannot be done with one of them stops none of the others. Raises `Invalid` naming what is wrong with the whole.
    """
    faults: dict[str, str] = {}
    if action not in ACTIONS:
        faults["action"] = f"Use one of {', '.join(ACTIONS)}."
    if not task_ids:
        faults["tasks"] = "Choose at least one case."
    if len(task_ids) > MOST:
        faults["tasks"] = f"Choose at most {MOST} cases at once."
    if action == "move" and queue_id is None:
        faults["queue"] = "Choose the queue they go to."
    if action == "priority" and (priority is None or not -100 <= priority <= 100):
        faults["priority"] = "Use -100 to 100."
    if faults:
        raise Invalid("Nothing was changed.", fields=faults)
    unique = list(dict.fromkeys(task_ids))
    # Titles only of what they may see: of anything else it is not told that it exists.
    visible = Task.objects.filter(pk__in=unique, queue__agent__in=rights.visible_agents(by))
    titles = dict(visible.values_list("pk", "title"))
    return [
        Done(one, titles.get(one, ""), _one(one, action, queue_id=queue_id, priority=priority, by=by)) for one in unique
    ]


def _one(task_id: UUID, action: str, *, queue_id: UUID | None, priority: int | None, by: User) -> str:
    try:
        if action == "move" and queue_id is not None:
            move(task_id=task_id, queue_id=queue_id, by=by)
        elif action == "priority" and priority is not None:
            set_priority(task_id=task_id, priority=priority, by=by)
        else:
            free(task_id=task_id, by=by)
    except Invalid as fault:
        return next(iter(fault.fields.values()))
    except DomainError as fault:
        return fault.detail
    return ""


def _waiting(task_id: UUID, by: User) -> Task:
    task = Task.objects.select_for_update(of=("self",)).select_related("queue__agent").filter(pk=task_id).first()
    if task is None or not access.can(by, "agents.view_agent", task.queue.agent):
        raise Missing("This case does not exist.")
    rights.require_keeper(by, task.queue.agent)
    if task.state != Task.State.OPEN:
        raise Conflict("It is closed.", code="task_closed")
    return task


def _require_free(task: Task) -> None:
    if task.lease_until is not None and task.lease_until > clock.now():
        raise Conflict("Somebody works on it: it is finished where it was taken.", code="task_held")
    if task.reserved_for_id is not None:
        raise Conflict("It is back with its author.", code="reserved")
