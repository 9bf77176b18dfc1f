"""Tasks: opened for flagged decisions, claimed by lease, renewed, released.

A claim is one UPDATE over a row chosen with SKIP LOCKED, so two reviewers never get one task; the fencing token rises
with every claim, so a submission under an older lease is recognised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from agents.selectors import contracts, facts
from corrections.models import Correction, Queue, Task
from corrections.rules import priority
from corrections.selectors import rights
from reviewapp.core import clock, events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Missing
from reviewapp.core.events import live

events.external("task.opened", "task.claimed", "task.released", "task.cancelled")

# One person holds few tasks at a time: more would only sit in somebody's tabs while others could work on them.
MAX_HELD = 5

_CLAIM = """
    UPDATE corrections_task SET lease_holder_id = %(user)s, lease_until = %(until)s, lease_token = lease_token + 1
    WHERE id = (
        SELECT task.id FROM corrections_task task
        WHERE task.queue_id = %(queue)s AND task.state = 'open'
          AND (task.lease_until IS NULL OR task.lease_until <= %(now)s)
          AND (task.reserved_for_id IS NULL OR task.reserved_for_id = %(user)s)
          AND NOT EXISTS (
              SELECT 1 FROM corrections_correction mine
              WHERE mine.decision_id = task.decision_id AND mine.author_id = %(user)s
                AND task.reserved_for_id IS DISTINCT FROM %(user)s
          )
          AND NOT EXISTS (
              SELECT 1 FROM corrections_task held
              WHERE held.decision_id = task.decision_id AND held.lease_holder_id = %(user)s AND held.state = 'open'
                AND held.lease_until > %(now)s AND held.id <> task.id
          )
        ORDER BY task.priority DESC, task.due_at, task.id
        LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed task: the token to submit under, and until when it is held."""

    task_id: UUID
    token: int
    until: datetime


@transaction.atomic
def open_for_decision(*, decision_id: UUID, by: events.Actor) -> list[Task]:
    """Open the review tasks of a flagged decision, one for each seat of the agent's standard queue; idempotent.

    Returns the tasks that are new. An agent without a queue gets none and the relay tries again: a flagged decision must
    not get lost because its queue is made a moment later. Raises `Missing` then.
    """
    decision = facts.of_decision(decision_id)
    queue = Queue.objects.filter(agent_id=decision.agent_id, kind=Queue.Kind.STANDARD).first()
    if queue is None:
        raise Missing(f"The agent {decision.agent_slug} has no review queue. Make one; its decisions wait until then.")
    rank = priority.priority(
        status=decision.status,
        confidence=decision.confidence,
        propensity=decision.propensity,
        codes=[reason["code"] for reason in decision.reasons],
    )
    return _open(queue, decision, Task.Kind.REVIEW, seats=range(1, queue.seats + 1), rank=rank, by=by)


@transaction.atomic
def open_adjudication(*, decision_id: UUID, by: events.Actor) -> list[Task]:
    """Open the one task in which a senior settles what reviewers could not; idempotent. Raises `Missing` without a senior queue."""
    decision = facts.of_decision(decision_id)
    queue = Queue.objects.filter(agent_id=decision.agent_id, kind=Queue.Kind.SENIOR).first()
    if queue is None:
        raise Missing(
            f"The agent {decision.agent_slug} has no senior queue. Make one; the disagreement waits until then."
        )
    # Whoever still had a seat need not bother: the case is with the senior now.
    cancel_open(decision_id=decision_id, by=by)
    return _open(queue, decision, Task.Kind.ADJUDICATION, seats=[1], rank=60, by=by)


@transaction.atomic
def reopen(*, correction: Correction, reserved_for: User | None, note: str, by: events.Actor) -> Task:
    """Open the seat of a correction that does not count again: for its author after a return, for others after a rejection."""
    old = Task.objects.select_related("queue").get(pk=correction.task_id)
    task, created = Task.objects.get_or_create(
        decision_id=old.decision_id,
        kind=old.kind,
        seat=old.seat,
        round=old.round + 1,
        defaults={
            "queue": old.queue,
            "title": old.title,
            "why": [*old.why, {"code": "returned" if reserved_for else "rejected", "text": note}],
            "priority": min(100, old.priority + 20),
            "due_at": clock.now() + timedelta(minutes=old.queue.due_minutes),
            "reserved_for": reserved_for,
            "created_at": clock.now(),
        },
    )
    if created:
        _tell("task.opened", task, by)
    return task


def claim(*, queue_id: UUID, by: User) -> Lease | None:
    """Give `by` the most urgent task of a queue that they may judge, or None when there is none.

    A task somebody's lease on which has run out may be claimed again. Raises `Missing`, `NotAllowed` and `Conflict` when
    the person already holds as many tasks as one can work on.
    """
    queue = Queue.objects.select_related("agent").filter(pk=queue_id).first()
    if queue is None:
        raise Missing("This queue does not exist.")
    rights.require_queue(by, queue)
    now = clock.now()
    with transaction.atomic():
        held = Task.objects.filter(lease_holder=by, state=Task.State.OPEN, lease_until__gt=now).count()
        if held >= MAX_HELD:
            raise Conflict(f"You hold {held} tasks. Finish or release one first.", code="too_many_held")
        values: dict[str, Any] = {
            "user": by.pk,
            "queue": queue.pk,
            "now": now,
            "until": now + timedelta(seconds=queue.lease_seconds),
        }
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, values)
            row = cursor.fetchone()
        if row is None:
            return None
        task = Task.objects.get(pk=row[0])
        _tell("task.claimed", task, actors.of(by), slug=queue.agent.slug)
    return _lease(task)


@transaction.atomic
def claim_one(*, task_id: UUID, by: User) -> Lease:
    """Give `by` this very task, or renew their own lease on it.

    Raises `Missing`, `NotAllowed`, and `Conflict` when it is done, held by someone else, or not theirs to judge.
    """
    task = _locked(task_id)
    rights.require_queue(by, task.queue)
    now = clock.now()
    if task.state != Task.State.OPEN:
        raise Conflict("This task is closed.", code="task_closed")
    if task.lease_holder_id != by.pk:
        if task.lease_until is not None and task.lease_until > now:
            holder = task.lease_holder.display_name if task.lease_holder else "Someone"
            raise Conflict(f"{holder} is working on this.", code="task_held")
        if not rights.may_judge(by, task):
            raise Conflict("You have judged this decision, so someone else does now.", code="already_judged")
        task.lease_holder, task.lease_token = by, task.lease_token + 1
        _tell("task.claimed", task, actors.of(by), slug=task.queue.agent.slug)
    task.lease_until = now + timedelta(seconds=task.queue.lease_seconds)
    task.save(update_fields=["lease_holder", "lease_token", "lease_until"])
    return _lease(task)


@transaction.atomic
def renew(*, task_id: UUID, token: int, by: User) -> Lease:
    """Hold a task longer. Raises `Conflict` when the lease has gone to someone else, and says to whom."""
    task = _locked(task_id)
    require_lease(task, token, by)
    task.lease_until = clock.now() + timedelta(seconds=task.queue.lease_seconds)
    task.save(update_fields=["lease_until"])
    return _lease(task)


@transaction.atomic
def release(*, task_id: UUID, token: int, reason: str = "", by: User) -> None:
    """Put a task back for others; the draft stays with its author. Raises `Conflict` when the lease is not theirs any more."""
    task = _locked(task_id)
    require_lease(task, token, by)
    task.lease_holder, task.lease_until = None, None
    task.save(update_fields=["lease_holder", "lease_until"])
    _tell("task.released", task, actors.of(by), slug=task.queue.agent.slug, reason=reason[:200])


@transaction.atomic
def cancel_open(*, decision_id: UUID, by: events.Actor) -> int:
    """Close the open review tasks of a decision that needs them no more; return how many."""
    closed = 0
    for task in Task.objects.select_for_update().filter(
        decision_id=decision_id, state=Task.State.OPEN, kind=Task.Kind.REVIEW
    ):
        close(task, Task.State.CANCELLED)
        _tell("task.cancelled", task, by)
        closed += 1
    return closed


def expire_leases(*, now: datetime) -> int:
    """Clear leases that ran out, so that counts are honest; claiming does not wait for this. Return how many."""
    ran_out = Q(state=Task.State.OPEN, lease_until__lte=now - timedelta(seconds=60))
    return Task.objects.filter(ran_out).update(lease_holder=None, lease_until=None, lease_token=F("lease_token") + 1)


def require_lease(task: Task, token: int, by: User) -> None:
    """Raise `Conflict` unless `by` holds `task` under `token`; an expired lease that nobody took still counts."""
    if task.state != Task.State.OPEN:
        raise Conflict("This task is closed: someone finished it, or it is not needed any more.", code="task_closed")
    if task.lease_holder_id != by.pk or task.lease_token != token:
        holder = task.lease_holder.display_name if task.lease_holder else None
        words = f"{holder} holds this task now." if holder else "Your hold on this task has run out."
        raise Conflict(f"{words} Your draft is kept.", code="lease_lost", extra={"holder": holder})


def close(task: Task, state: str) -> None:
    """Close a task in the caller's transaction."""
    task.state, task.closed_at, task.lease_holder, task.lease_until = state, clock.now(), None, None
    task.save(update_fields=["state", "closed_at", "lease_holder", "lease_until"])
    live.push(f"queue.{task.queue_id}", {"task": str(task.pk), "state": state})


def _open(
    queue: Queue, decision: facts.Facts, kind: str, *, seats: Sequence[int], rank: int, by: events.Actor
) -> list[Task]:
    opened = []
    now = clock.now()
    spec = contracts.of_decision(decision.id)
    for seat in seats:
        task, created = Task.objects.get_or_create(
            decision_id=decision.id,
            kind=kind,
            seat=seat,
            round=1,
            defaults={
                "queue": queue,
                "title": spec.case_title(decision.input)[:250],
                "why": decision.reasons,
                "priority": rank,
                "due_at": now + timedelta(minutes=queue.due_minutes),
                "created_at": now,
            },
        )
        if created:
            opened.append(task)
            _tell("task.opened", task, by, slug=decision.agent_slug)
    return opened


def _locked(task_id: UUID) -> Task:
    found = Task.objects.select_for_update(of=("self",)).select_related("queue__agent", "lease_holder")
    task = found.filter(pk=task_id).first()
    if task is None:
        raise Missing("This task does not exist.")
    return task


def _lease(task: Task) -> Lease:
    if task.lease_until is None:
        raise Conflict("This task is not held.", code="lease_lost")
    return Lease(task.pk, task.lease_token, task.lease_until)


def _tell(kind: str, task: Task, by: events.Actor, *, slug: str = "", **data: str) -> None:
    scope = slug or facts.of_decision(task.decision_id).agent_slug
    events.record(
        kind,
        subject=("decision", str(task.decision_id)),
        actor=by,
        scope=scope,
        data={"task": str(task.pk), "queue": str(task.queue_id), "kind": task.kind, "seat": task.seat, **data},
    )
    live.push(f"queue.{task.queue_id}", {"task": str(task.pk), "event": kind})
    live.push(f"task.{task.pk}", {"task": str(task.pk), "event": kind})
