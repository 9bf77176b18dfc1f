"""To whom a case can be handed."""

from dataclasses import dataclass
from uuid import UUID

from corrections.models import Queue, SkillNeed, Task
from corrections.selectors import rights, skills
from reviewapp.core import clock
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

_MOST = 500


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works in the same queue."""

    username: str
    name: str


def of_task(task_id: UUID, user: User) -> list[Colleague]:
    """Return everybody else who may work in a task's queue, by name, at most 500 of them.

    Who of them has a part in the case already is not told: that is for `services.handing` to see. Raises `Missing` and
    `NotAllowed` for a task in whose queue the person may not work.
    """
    task = Task.objects.select_related("queue__agent").filter(pk=task_id).first()
    if task is None:
        raise Missing("This task does not exist.")
    rights.require_queue(user, task.queue)
    agent = task.queue.agent
    may_see = access.holders("agents.view_agent", agent).order_by().values("pk")
    found = access.holders(rights.NEEDED[Queue.Kind(task.queue.kind)], agent).filter(pk__in=may_see)
    for need in SkillNeed.objects.filter(queue=task.queue_id).values_list("skill", flat=True):
        found = found.filter(pk__in=skills.standing(clock.now()).filter(skill=need).values("person"))
    rows = found.exclude(pk=user.pk).values_list("username", "display_name")[:_MOST]
    return [Colleague(*row) for row in rows]
