"""Seats: how many people are asked about a decision, and who still is.

Every seat is a task. Opening is idempotent: the database knows one task for each decision, kind, seat and round.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from agents.selectors import contracts, facts
from corrections.models import Correction, Queue, Task
from corrections.rules import blinding, releasing, routing
from corrections.selectors import routing as routes
from corrections.services import calendars, searching, weighing
from reviewapp.core import clock, events
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing
from reviewapp.core.events import live

events.external("task.opened", "task.cancelled", "task.reservation_lapsed", "task.moved", "task.priority_set")

# What a second person wrote to an author tells what that author had said: whoever judges next must not read it.
AFRESH = "An earlier judgement of this case was not accepted by a second person. Judge it on the evidence alone."

_TAKEN_BACK = {
    "code": "recalled",
    "text": "An earlier judgement was recalled by its author. Judge the case on the evidence.",
}

# Somebody could not settle it: before everything but what escalates and is uncertain besides.
_DISPUTED = 60


@transaction.atomic
def open_for_decision(*, decision_id: UUID, by: events.Actor) -> list[Task]:
    """Open the review tasks of a flagged decision, one for each seat of the queue that routing names; idempotent.

    Returns the tasks that are new. An agent without a queue gets none and the relay tries again: a flagged decision must
    not get lost because its queue is made a moment later. Raises `Missing` then.
    """
    decision = facts.of_decision(decision_id)
    queues = list(
        Queue.objects.select_related("calendar", "weights").filter(agent_id=decision.agent_id, kind=Queue.Kind.STANDARD)
    )
    if not queues:
        raise Missing(f"The agent {decision.agent_slug} has no review queue. Make one; its decisions wait until then.")
    queue, rule, fault = _routed(queues, decision)
    why = [*decision.reasons, *fault]
    searching.keep_case(decision, contracts.by_id(decision.contract_id).spec)
    seats, weighed = range(1, queue.seats + 1), weighing.weigh(queue, decision)
    return _open(queue, decision, Task.Kind.REVIEW, seats=seats, why=why, route=rule, **weighed, by=by)


@transaction.atomic
def open_more(*, decision_id: UUID, by: events.Actor) -> list[Task]:
    """Open one more review seat of a decision, because those who judged it disagree; idempotent while nobody has filled it.

    It is as the first one: in its queue, as blind, and with nothing that tells of the disagreement.
    """
    rows = Task.objects.filter(decision_id=decision_id, kind=Task.Kind.REVIEW).select_related("queue__calendar")
    first = rows.order_by("seat", "round")[0]
    seat = 1 + max(rows.values_list("seat", flat=True))
    terms = {
        "route": first.route,
        "priority": first.priority,
        "weighed": first.weighed,
        "weighed_under": first.weighed_under,
    }
    why = _of_the_case(first.why)
    decision = facts.of_decision(decision_id)
    return _open(first.queue, decision, Task.Kind.REVIEW, seats=[seat], why=why, blind=first.blind, **terms, by=by)


@transaction.atomic
def open_adjudication(*, decision_id: UUID, why: dict[str, str], by: events.Actor) -> list[Task]:
    """Open the one task in which a senior settles what reviewers could not; idempotent. `why` is its reason (code, text).

    Seats that nobody works on are closed: whatever they said, the case is with the senior now. Raises `Missing` without a
    senior queue.
    """
    decision = facts.of_decision(decision_id)
    queue = Queue.objects.select_related("calendar").filter(agent_id=decision.agent_id, kind=Queue.Kind.SENIOR).first()
    if queue is None:
        raise Missing(
            f"The agent {decision.agent_slug} has no senior queue. Make one; the disagreement waits until then."
        )
    idle = Q(kind=Task.Kind.REVIEW) & (Q(lease_until__isnull=True) | Q(lease_until__lte=clock.now()))
    _cancel(decision_id, idle, by)
    return _open(
        queue, decision, Task.Kind.ADJUDICATION, seats=[1], priority=_DISPUTED, why=[why, *decision.reasons], by=by
    )


@transaction.atomic
def reopen(
    *, correction: Correction, reserved_for: User | None, note: str, recalled: bool = False, by: events.Actor
) -> Task:
    """Open the seat of a correction that does not count again: for its author after a return, for others after a rejection,
    or after its author `recalled` it.
    """
    old = Task.objects.select_related("queue__calendar").get(pk=correction.task_id)
    now = clock.now()
    task, created = Task.objects.get_or_create(
        decision_id=old.decision_id,
        kind=old.kind,
        seat=old.seat,
        round=old.round + 1,
        defaults={
            "queue": old.queue,
            "title": old.title,
            "why": [_TAKEN_BACK if recalled else _sent_back(note if reserved_for else ""), *_of_the_case(old.why)],
            "priority": min(100, old.priority + 20),
            "weighed": old.weighed,
            "weighed_under": old.weighed_under,
            "route": old.route,
            "blind": old.blind,
            "due_at": calendars.due(old.queue, now),
            "reserved_for": reserved_for,
            "created_at": now,
        },
    )
    if created:
        tell("task.opened", task, by)
    return task


def give_back(*, correction: Correction, by: events.Actor) -> Task:
    """Open the seat of a correction that its author undid, held by them as it was; inside the caller's transaction."""
    old = Task.objects.select_related("queue").get(pk=correction.task_id)
    task = Task.objects.create(
        decision_id=old.decision_id,
        kind=old.kind,
        seat=old.seat,
        round=old.round + 1,
        queue=old.queue,
        title=old.title,
        why=old.why,
        route=old.route,
        priority=old.priority,
        weighed=old.weighed,
        weighed_under=old.weighed_under,
        aged=old.aged,
        blind=old.blind,
        due_at=old.due_at,
        created_at=old.created_at,
        reserved_for_id=correction.author_id,
        lease_holder_id=correction.author_id,
        lease_token=1,
        lease_until=clock.now() + timedelta(seconds=old.queue.lease_seconds),
    )
    tell("task.opened", task, by)
    return task


def cancel_all(*, decision_id: UUID, by: events.Actor) -> int:
    """Close every open task of a decision that is settled; return how many. Inside the caller's transaction."""
    return _cancel(decision_id, Q(), by)


@transaction.atomic
def lapse_reservations(*, now: datetime, by: events.Actor) -> int:
    """Open returned tasks to others once they are overdue: a case must not wait for somebody who is away. Return how many."""
    overdue = Task.objects.select_for_update(skip_locked=True).filter(
        state=Task.State.OPEN, reserved_for__isnull=False, due_at__lte=now, lease_holder__isnull=True
    )
    rows = list(overdue)
    for task in rows:
        task.reserved_for = None
        task.why = [_sent_back(""), *_of_the_case(task.why)]
        task.save(update_fields=["reserved_for", "why"])
        tell("task.reservation_lapsed", task, by)
    return len(rows)


def close(task: Task, state: str) -> None:
    """Close a task in the caller's transaction."""
    task.state, task.closed_at, task.lease_holder, task.lease_until = state, clock.now(), None, None
    task.save(update_fields=["state", "closed_at", "lease_holder", "lease_until"])
    live.push(f"queue.{task.queue_id}", {"task": str(task.pk), "state": state})


def tell(kind: str, task: Task, by: events.Actor, *, slug: str = "", **data: Any) -> None:
    """Record what happened to a task under its decision, and tell the pages that show it."""
    scope = slug or facts.of_decision(task.decision_id).agent_slug
    events.record(
        kind,
        subject=("decision", str(task.decision_id)),
        actor=by,
        scope=scope,
        data={"task": str(task.pk), "queue": str(task.queue_id), "kind": task.kind, "seat": task.seat, **data},
    )
    told = {"task": str(task.pk), "event": kind}
    live.push_all({f"queue.{task.queue_id}": told, f"task.{task.pk}": told})


def _sent_back(note: str) -> dict[str, str]:
    """Return why a seat is open again: the note for its author, or for anybody else only that it is."""
    return {"code": "returned", "text": note} if note else {"code": "rejected", "text": AFRESH}


def _of_the_case(why: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the reasons that are the case's own, without notes of earlier rounds."""
    return [one for one in why if one["code"] not in {"returned", "rejected", "recalled", releasing.CODE}]


def _cancel(decision_id: UUID, which: Q, by: events.Actor) -> int:
    rows = list(Task.objects.select_for_update().filter(which, decision_id=decision_id, state=Task.State.OPEN))
    for task in rows:
        close(task, Task.State.CANCELLED)
        tell("task.cancelled", task, by)
    return len(rows)


def _routed(queues: list[Queue], decision: facts.Facts) -> tuple[Queue, str, list[dict[str, str]]]:
    """Return the queue of a flagged decision, the rule that named it ("" for the default), and a reason if one could not be told."""
    default = routes.default_of(queues)
    if len(queues) == 1:
        # The same whatever rules there are, and most agents have one: nothing is read.
        return default, "", []
    choice = routing.choose(
        routes.lines(decision.agent_id), contracts.by_id(decision.contract_id).spec, routes.case_of(decision)
    )
    if choice.fault:
        text = f"The routing rule “{choice.name}” could not be told: {choice.fault}"
        return default, "", [{"code": "routing", "text": text[:300]}]
    chosen = next((queue for queue in queues if queue.pk == choice.queue), default)
    return chosen, choice.name, []


def _open(
    queue: Queue,
    decision: facts.Facts,
    kind: str,
    *,
    seats: Sequence[int],
    why: list[dict[str, str]],
    by: events.Actor,
    **terms: Any,
) -> list[Task]:
    opened = []
    now = clock.now()
    title = contracts.by_id(decision.contract_id).spec.case_title(decision.input)[:250]
    for seat in seats:
        task, created = Task.objects.get_or_create(
            decision_id=decision.id,
            kind=kind,
            seat=seat,
            round=1,
            defaults={
                "queue": queue,
                "title": title,
                "why": why,
                "blind": kind == Task.Kind.REVIEW and blinding.is_blind(decision.id, percent=queue.blind_percent),
                "due_at": calendars.due(queue, now),
                "created_at": now,
                **terms,
            },
        )
        if created:
            opened.append(task)
            tell("task.opened", task, by, slug=decision.agent_slug, **({"rule": task.route} if task.route else {}))
    return opened
