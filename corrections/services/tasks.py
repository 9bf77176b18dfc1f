"""Holding tasks: claimed by lease, renewed, released.

A claim is one UPDATE over a row chosen with SKIP LOCKED, so two reviewers never get one task; the fencing token rises
with every claim, so a submission under an older lease is recognised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from corrections.models import Correction, Escalation, Queue, Task
from corrections.rules import releasing
from corrections.selectors import rights, skills
from corrections.services import claiming, seats
from reviewapp.core import clock, events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals.models import ApprovalRequest
from reviewapp.core.errors import Conflict, Missing, NotAllowed

# One person holds few tasks at a time.
MAX_HELD = claiming.MAX_HELD

events.external("task.released")

# How long after its end a lease still lets its holder submit, as long as nobody else has claimed the task.
LEFT_LYING = timedelta(hours=1)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed task: the token to submit under, and until when it is held."""

    task_id: UUID
    token: int
    until: datetime


def claim(*, queue_id: UUID, by: User) -> Lease | None:
    """Give `by` the most urgent task of a queue that they may judge, or None when there is none.

    A task somebody's lease on which has run out may be claimed again. Raises `Missing`, `NotAllowed` and `Conflict` when
    the person already holds as many tasks as one can work on.
    """
    try:
        found = claiming.claim(queue_id=queue_id, by=actors.of(by))
    except claiming.Unsure:
        raise _why_not(queue_id, by) from None
    return _held(found.task_id, found.token, found.lease_until) if found is not None else None


def _why_not(queue_id: UUID, by: User) -> Exception:
    """Return why a person got nothing from a queue, in the order in which they could mend it."""
    queue = Queue.objects.select_related("agent").filter(pk=queue_id).first()
    if queue is None:
        return Missing("This queue does not exist.")
    rights.require_queue(by, queue)
    if queue.paused_at is not None:
        return _paused(queue)
    if lacks := skills.lacking(by, [queue.pk], now=clock.now()):
        return _uncertified(lacks[queue.pk], by)
    held = Task.objects.filter(lease_holder=by, state=Task.State.OPEN, lease_until__gt=clock.now()).count()
    return Conflict(f"You hold {held} tasks. Finish or release one first.", code="too_many_held")


@transaction.atomic
def claim_one(*, task_id: UUID, by: User) -> Lease:
    """Give `by` this very task, or renew their own lease on it.

    Raises `Missing`, `NotAllowed`, and `Conflict` when it is done, held by someone else, or not theirs to judge.
    """
    task = locked(task_id)
    rights.require_queue(by, task.queue)
    now = clock.now()
    if task.state != Task.State.OPEN:
        raise Conflict("This task is closed.", code="task_closed")
    if task.lease_holder_id != by.pk:
        if task.lease_until is not None and task.lease_until > now:
            holder = task.lease_holder.display_name if task.lease_holder else "Someone"
            raise Conflict(f"{holder} is working on this.", code="task_held")
        if task.queue.paused_at is not None:
            raise _paused(task.queue)
        if lacks := skills.lacking(by, [task.queue_id], now=now):
            raise _uncertified(lacks[task.queue_id], by)
        rights.require_fresh(by, task)
        if rights.is_tied(by, task):
            raise Conflict(
                "Another seat of this decision passed between you and a colleague; this one is for someone else.",
                code="seat_held",
            )
        if holds_another(by, task):
            raise _seat_held()
        task.lease_holder, task.lease_token = by, task.lease_token + 1
        seats.tell("task.claimed", task, actors.of(by), slug=task.queue.agent.slug)
    task.lease_until = now + timedelta(seconds=task.queue.lease_seconds)
    try:
        with transaction.atomic():
            task.save(update_fields=["lease_holder", "lease_token", "lease_until"])
    except IntegrityError:
        # Another window of theirs took another seat at this instant.
        raise _seat_held() from None
    return _lease(task)


def _uncertified(lacks: Sequence[skills.Lack], by: User) -> NotAllowed:
    words = [
        f"{one.skill} (ended on {one.ended_at.astimezone(by.zone):%-d %B %Y})"
        if one.ended_at
        else f"{one.skill} (never certified)"
        for one in lacks
    ]
    return NotAllowed(
        f"This queue needs a certificate you do not hold: {', '.join(words)}. Policy admins and operators of the agent grant and"
        " renew them.",
        code="not_certified",
    )


def _seat_held() -> Conflict:
    return Conflict("You hold another seat of this decision; this one is for someone else.", code="seat_held")


@transaction.atomic
def renew(*, task_id: UUID, token: int, by: User) -> Lease:
    """Hold a task longer. Raises `Conflict` when the lease has gone to someone else, and says to whom."""
    task = locked(task_id)
    rights.require_queue(by, task.queue)
    require_lease(task, token, by)
    task.lease_until = clock.now() + timedelta(seconds=task.queue.lease_seconds)
    task.save(update_fields=["lease_until"])
    return _lease(task)


@transaction.atomic
def release(*, task_id: UUID, token: int, reason: str = "", by: User) -> None:
    """Put a task back for others; the draft stays with its author. Raises `Conflict` when the lease is not theirs any more."""
    task = locked(task_id)
    rights.require_queue(by, task.queue)
    require_lease(task, token, by)
    task.lease_holder, task.lease_until = None, None
    task.why = releasing.noted(task.why, reason)
    task.save(update_fields=["lease_holder", "lease_until", "why"])
    seats.tell("task.released", task, actors.of(by), slug=task.queue.agent.slug, reason=reason[:200])


@transaction.atomic
def expire_leases(*, now: datetime, by: events.Actor) -> int:
    """Put back what was left lying: leases that ran out `LEFT_LYING` ago or earlier; return how many.

    Claiming does not wait for this. Until then the last holder may still submit, unless somebody else claimed the task:
    thinking longer than the lease must not cost the work.
    """
    left = Task.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state=Task.State.OPEN, lease_until__lte=now - LEFT_LYING
    )
    rows = list(left.order_by("pk")[:_AT_ONCE])
    for task in rows:
        task.lease_holder, task.lease_until = None, None
        task.save(update_fields=["lease_holder", "lease_until"])
        seats.tell("task.released", task, by, reason="left lying")
    return len(rows)


def sweep(*, now: datetime, by: events.Actor) -> tuple[int, int]:
    """Put back what was left lying and open overdue returned tasks to others; return how many of each."""
    return expire_leases(now=now, by=by), seats.lapse_reservations(now=now, by=by)


def require_lease(task: Task, token: int, by: User) -> None:
    """Raise `Conflict` unless `by` holds `task` under `token`; an expired lease that nobody took still counts."""
    if task.state != Task.State.OPEN:
        raise _closed(task, by)
    if task.lease_holder_id != by.pk or task.lease_token != token:
        holder = task.lease_holder.display_name if task.lease_holder else None
        words = f"{holder} holds this task now." if holder else "Your hold on this task has run out."
        if task.lease_holder_id == by.pk:
            words = "You have taken this task again in another window."
        raise Conflict(f"{words} Your draft is kept.", code="lease_lost", extra={"holder": holder})


def _closed(task: Task, by: User) -> Conflict:
    finished = Correction.objects.select_related("author").filter(task=task).first()
    if finished is None:
        words, holder = "This task is not needed any more: the case was settled without it.", None
    elif finished.author_id == by.pk:
        words, holder = "You have submitted this task already.", by.display_name
    else:
        words, holder = f"{finished.author.display_name} has finished this task.", finished.author.display_name
    return Conflict(words, code="task_closed", extra={"holder": holder})


def holds_another(by: User, task: Task) -> bool:
    """Say whether a person holds another seat of a task's decision, or held it last and nobody took it since."""
    held = Task.objects.filter(decision_id=task.decision_id, lease_holder=by)
    return held.exclude(pk=task.pk).exists()


def locked(task_id: UUID) -> Task:
    """Return a task with its row locked, its queue and agent. Raises `Missing`."""
    found = Task.objects.select_for_update(of=("self",)).select_related("queue__agent", "lease_holder")
    task = found.filter(pk=task_id).first()
    if task is None:
        raise Missing("This task does not exist.")
    return task


def hold_decisions(decision_id: UUID) -> None:
    """Keep others from deciding on judgements of the decision until this transaction ends; wait for who is about to."""
    raised = Escalation.objects.filter(correction__decision_id=decision_id).values("approval_id")
    list(ApprovalRequest.objects.select_for_update(of=("self",)).filter(pk__in=raised).order_by("pk").values_list("pk"))


def _paused(queue: Queue) -> Conflict:
    return Conflict(f"{queue.name} is paused: {queue.pause_reason}", code="queue_paused")


def _lease(task: Task) -> Lease:
    return _held(task.pk, task.lease_token, task.lease_until)


def _held(task_id: UUID, token: int, until: datetime | None) -> Lease:
    if until is None:
        raise Conflict("This task is not held.", code="lease_lost")
    return Lease(task_id, token, until)
