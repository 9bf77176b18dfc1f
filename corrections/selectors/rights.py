"""Who may do what with a queue and its tasks."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet

from corrections.models import Correction, Handover, Queue, Task
from corrections.selectors import involved
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Missing, NotAllowed

# What a person needs to work in a queue of a kind.
NEEDED = {Queue.Kind.STANDARD: "agents.review_task", Queue.Kind.SENIOR: "agents.adjudicate_task"}


def require_queue(user: User, queue: Queue) -> None:
    """Raise `Missing` when the person may not know of this queue's agent, `NotAllowed` when they may not work in it."""
    if not access.can(user, "agents.view_agent", queue.agent):
        raise Missing("This queue does not exist.")
    access.require(user, NEEDED[Queue.Kind(queue.kind)], queue.agent)


def can_work(user: User, queue: Queue) -> bool:
    """Say whether the person may claim tasks of this queue."""
    return access.can(user, "agents.view_agent", queue.agent) and access.can(
        user, NEEDED[Queue.Kind(queue.kind)], queue.agent
    )


def can_work_in(user: User, kind: str, agent_id: UUID) -> bool:
    """Say the same as `can_work` for a queue of which only its kind and agent were read."""
    return access.can_by_key(user, "agents.view_agent", agent_id) and access.can_by_key(
        user, NEEDED[Queue.Kind(kind)], agent_id
    )


def may_judge(user: User, task: Task) -> bool:
    """Say whether the person may judge this task: not reserved for another, and not a decision they had a say in."""
    if task.reserved_for_id is not None:
        return task.reserved_for_id == user.pk
    return not involved.is_involved(user, task.decision_id)


def require_fresh(user: User, task: Task) -> None:
    """Raise `Conflict` when somebody else must judge the task: the person judged its decision, or decided on it."""
    if may_judge(user, task):
        return
    words = "You have judged this decision, so someone else does now."
    if involved.has_decided(user, task.decision_id):
        words = "You decided an escalation of this case, so someone who has not judges it (four-eyes)."
    raise Conflict(words, code="already_judged")


def is_tied(user: User, task: Task) -> bool:
    """Say whether another seat of the task's decision passed to the person or from them: they know a colleague's thoughts."""
    handed = Handover.objects.filter(decision_id=task.decision_id).exclude(kind=task.kind, seat=task.seat)
    return handed.filter(Q(handed_by=user) | Q(receiver=user)).exists()


def has_judged(user: User, decision_id: UUID) -> bool:
    """Say whether the person ever judged this decision: then they are no second pair of eyes for it."""
    return Correction.objects.filter(decision_id=decision_id, author=user).exists()


def may_configure(user: User, agent: Any) -> bool:
    """Say whether the person may make, change and pause queues of an agent."""
    return access.can(user, "agents.release_policy", agent) or access.can(user, "agents.operate_agent", agent)


def require_keeper(user: User, agent: Any) -> None:
    """Raise `NotAllowed` unless the person may make, change and pause queues of an agent, and say when people work."""
    if not may_configure(user, agent):
        raise NotAllowed("Keeping the queues of this agent is for its policy admins and operators.")


def keeps_any(user: Any) -> bool:
    """Say whether the person keeps the queues of any agent."""
    return access.can_for_any(user, "agents.release_policy") or access.can_for_any(user, "agents.operate_agent")


# In place of a note to somebody else.
THEIRS = "Sent back to its author by a second person."


def why_for(user_id: int, why: list[dict[str, str]], reserved_for_id: int | None) -> list[dict[str, str]]:
    """Return why a task is there as this person may read it: a note to its author tells what the author had said."""
    if reserved_for_id in (None, user_id):
        return why
    return [{**one, "text": THEIRS} if one["code"] == "returned" else one for one in why]


def visible_agents(user: User, perm: str = "agents.view_agent") -> "QuerySet":
    """Return the agents for which the person holds `perm`."""
    return access.visible_to(user, perm, apps.get_model("agents", "Agent")._default_manager.all())
