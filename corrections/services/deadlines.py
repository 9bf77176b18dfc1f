"""Deadlines of tasks: what a queue does before one ends and once it is missed, exactly once for each task.

What is done and the row that says so are one transaction, and PostgreSQL knows one row for each task, moment and action.
So it does not matter how many workers run this at once or where one is killed: it was done and is on record, or neither.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Least

from agents.services import timeouts
from corrections.models import DeadlineAction, DeadlineRules, Queue, Task
from corrections.selectors import rights
from corrections.services import calendars
from reviewapp.core import events, ids
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing
from reviewapp.core.events import live

events.external("queue.deadlines_set", "queue.raised", "queue.moved")

_AT_ONCE = 200
# Turns of one action in one sweep; what is left is for the next sweep.
_TURNS = 25
_MOST_MINUTES = 60 * 24 * 30

_INSERT = """
    INSERT INTO corrections_deadlineaction (id, task_id, moment, action, acted_at)
    SELECT made.id, made.task_id, %s, %s, %s FROM unnest(%s::uuid[], %s::uuid[]) AS made (id, task_id)
    ON CONFLICT (task_id, moment, action) DO NOTHING RETURNING task_id
"""


@transaction.atomic
def configure(
    *,
    queue_id: UUID,
    warn_minutes: int | None = None,
    warn_notify: bool = False,
    warn_raise: int = 0,
    breach_notify: bool = False,
    breach_raise: int = 0,
    breach_answer: bool = False,
    breach_move: str = "",
    by: User,
) -> DeadlineRules:
    """Say what a queue does `warn_minutes` of working time before a deadline, and once it is missed; replaces what was said.

    `…_raise` adds 1 to 100 to the priority, `breach_answer` gives the agent what its contract declares for lateness without
    waiting for the contract's own time, `breach_move` is the code of another queue of the agent. What was done for a task is
    never done again. Raises `Missing`, `NotAllowed`, and `Invalid` by field.
    """
    queue = Queue.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=queue_id).first()
    if queue is None or not access.can(by, "agents.view_agent", queue.agent):
        raise Missing("This queue does not exist.")
    rights.require_keeper(by, queue.agent)
    faults: dict[str, str] = {}
    if warn_minutes is not None and not 1 <= warn_minutes <= _MOST_MINUTES:
        faults["warn_minutes"] = f"Use 1 to {_MOST_MINUTES} minutes, or leave it empty for no warning."
    if warn_minutes is None and (warn_notify or warn_raise):
        faults["warn_minutes"] = "Say how many minutes before the deadline."
    for name, number in (("warn_raise", warn_raise), ("breach_raise", breach_raise)):
        if not 0 <= number <= 100:
            faults[name] = "Use 1 to 100, or 0 to leave the priority as it is."
    target = Queue.objects.filter(agent=queue.agent, code=breach_move).exclude(pk=queue.pk).first()
    if breach_move and target is None:
        faults["breach_move"] = "Choose another queue of this agent."
    if faults:
        raise Invalid("These rules are not complete.", fields=faults)
    rules, _ = DeadlineRules.objects.update_or_create(
        queue=queue,
        defaults={
            "warn_minutes": warn_minutes,
            "warn_notify": warn_notify,
            "warn_raise": warn_raise,
            "breach_notify": breach_notify,
            "breach_raise": breach_raise,
            "breach_answer": breach_answer,
            "breach_move": target,
        },
    )
    events.record(
        "queue.deadlines_set",
        subject=("queue", str(queue.pk)),
        actor=actors.of(by),
        scope=queue.agent.slug,
        data={"warn_minutes": warn_minutes, "does": [list(pair) for pair in rules.wanted], "move": breach_move},
    )
    return rules


def run_due(*, now: datetime, by: events.Actor) -> int:
    """Do what is due at `now` in every queue; return how many things were done. Run by any number at once, each is done once."""
    count = 0
    for rules in DeadlineRules.objects.select_related("queue__agent", "queue__calendar").order_by("pk"):
        for moment, action in rules.wanted:
            for _ in range(_TURNS):
                done, more = _turn(rules, moment, action, now, by)
                count += done
                if not more:
                    break
    return count


def _turn(rules: DeadlineRules, moment: str, action: str, now: datetime, by: events.Actor) -> tuple[int, bool]:
    """Do one action for up to `_AT_ONCE` tasks; return for how many, and whether there may be more."""
    if action == DeadlineAction.Action.ANSWER:
        found = list(_due(rules, moment, action, now).values_list("pk", "decision_id")[:_AT_ONCE])
        return sum(_answer(task, decision, now, by) for task, decision in found), len(found) == _AT_ONCE
    with transaction.atomic():
        locked = _due(rules, moment, action, now).select_for_update(of=("self",), skip_locked=True)
        found_ids = list(locked.values_list("pk", flat=True)[:_AT_ONCE])
        mine = _claim(found_ids, moment, action, now)
        if mine:
            _do(rules, moment, action, mine, by)
    return len(mine), len(found_ids) == _AT_ONCE


def _due(rules: DeadlineRules, moment: str, action: str, now: datetime) -> QuerySet[Task]:
    """Return the open tasks for which this is due and not on record."""
    done = DeadlineAction.objects.filter(task=OuterRef("pk"), moment=moment, action=action)
    rows = Task.objects.filter(~Exists(done), queue=rules.queue, state=Task.State.OPEN).order_by("pk")
    if moment == DeadlineAction.Moment.BREACH:
        rows = rows.filter(due_at__lte=now)
    else:
        # The later a deadline, the later its warning: those up to the one whose warning is due this very moment.
        ahead = calendars.due(rules.queue, now, minutes=rules.warn_minutes)
        rows = rows.filter(due_at__lte=ahead, due_at__gt=now)
    if action == DeadlineAction.Action.MOVE:
        # Whoever works on a case finishes it where they took it; what is back with its author stays with them.
        rows = rows.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), reserved_for__isnull=True)
    return rows


def _claim(tasks: Sequence[UUID], moment: str, action: str, now: datetime) -> list[UUID]:
    """Put an action on record for those tasks for which nobody else has; return them."""
    if not tasks:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [moment, action, now, [ids.uuid7() for _ in tasks], list(tasks)])
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def _answer(task_id: UUID, decision_id: UUID, now: datetime, by: events.Actor) -> bool:
    # The decision before its task: in the order in which an answer that settles a decision locks them.
    timeouts.fire(decision_id=decision_id, now=now, early=True, by=by)
    return bool(_claim([task_id], DeadlineAction.Moment.BREACH, DeadlineAction.Action.ANSWER, now))


def _do(rules: DeadlineRules, moment: str, action: str, tasks: Sequence[UUID], by: events.Actor) -> None:
    rows, subject, scope = Task.objects.filter(pk__in=tasks), ("queue", str(rules.queue_id)), rules.queue.agent.slug
    data: dict[str, Any] = {"moment": moment, "tasks": [str(one) for one in tasks]}
    if action == DeadlineAction.Action.NOTIFY:
        events.record("queue.deadline", subject=subject, actor=by, scope=scope, data=data)
        return
    touched: list[UUID | None] = [rules.queue_id]
    if action == DeadlineAction.Action.RAISE:
        step = rules.warn_raise if moment == DeadlineAction.Moment.WARNING else rules.breach_raise
        rows.update(priority=Least(F("priority") + step, 100))
        events.record("queue.raised", subject=subject, actor=by, scope=scope, data={**data, "step": step})
    else:
        rows.update(queue=rules.breach_move_id, lease_holder=None, lease_until=None, weighed_under=0)
        touched.append(rules.breach_move_id)
        to = str(rules.breach_move_id)
        events.record("queue.moved", subject=subject, actor=by, scope=scope, data={**data, "to": to})
    live.push_all({f"queue.{one}": {"task": str(tasks[0]), "event": "queue.deadline"} for one in touched})
