"""How urgent a queue makes its cases: the points it gives, given again when they change, and more with age."""

import math
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from agents.selectors import contracts, facts
from corrections.models import PriorityWeights, Queue, Task
from corrections.rules import priority, seen
from corrections.rules.priority import Weights
from corrections.selectors import rights
from corrections.selectors import routing as reading
from reviewapp.core import events
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing
from reviewapp.core.events import live

events.external("queue.weights_set", "queue.reweighed")

_POINTS = ("uncertain", "escalated", "rule", "sampled", "risk", "waiting", "value")
_AT_ONCE = 200
# Turns for one queue in one sweep; what is left is for the next.
_TURNS = 25
# More than from the last to the first there is nothing to gain.
_MOST_AGED = priority.MOST - priority.LEAST
_YEAR_HOURS = 8_760

# What age should have brought is worked out from when the case opened, and what it has brought stands in the row: run twice,
# or by two at once, it is added once.
_DUE = f"least({_MOST_AGED}, %(points)s * floor(extract(epoch FROM %(now)s - created_at) / %(seconds)s))"
_AGE = f"""
    UPDATE corrections_task SET aged = {_DUE},
        priority = greatest({priority.LEAST}, least({priority.MOST}, priority + {_DUE} - aged))
    WHERE id IN (
        SELECT id FROM corrections_task
        WHERE queue_id = %(queue)s AND state = 'open' AND weighed_under = %(revision)s AND aged < {_DUE}
        ORDER BY id LIMIT {_AT_ONCE} FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""  # noqa: S608 - numbers of the code


def weigh(queue: Queue, decision: facts.Facts) -> dict[str, int]:
    """Return what a queue gives a decision when its tasks open, as members of `Task`."""
    given = getattr(queue, "weights", None)
    found = _total(decision, given.weights if given else priority.USUAL)
    return {"priority": found, "weighed": found, "weighed_under": given.revision if given else 0}


@transaction.atomic
def configure(*, queue_id: UUID, weights: Weights, by: User) -> PriorityWeights:
    """Say how a review queue orders its cases; those that wait are weighed again within minutes.

    Raises `Missing`, `NotAllowed`, and `Invalid` by field.
    """
    queue = Queue.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=queue_id).first()
    if queue is None or queue.kind != Queue.Kind.STANDARD or not access.can(by, "agents.view_agent", queue.agent):
        raise Missing("This review queue does not exist.")
    rights.require_keeper(by, queue.agent)
    if faults := faults_of(weights, contracts.latest(queue.agent_id)):
        raise Invalid("The weights were not changed.", fields=faults)
    terms = {**asdict(weights), "value_of": weights.value_of.strip()}
    held = PriorityWeights.objects.filter(queue=queue).first()
    kept, _ = PriorityWeights.objects.update_or_create(
        queue=queue, defaults={**terms, "revision": held.revision + 1 if held else 1}
    )
    events.record(
        "queue.weights_set",
        subject=("queue", str(queue.pk)),
        actor=actors.of(by),
        scope=queue.agent.slug,
        data={**terms, "revision": kept.revision},
    )
    return kept


def faults_of(weights: Weights, published: contracts.Published | None) -> dict[str, str]:
    """Return what is wrong with weights, by field; `published` is the contract that says which names a figure may use."""
    faults: dict[str, str] = {}
    for name in _POINTS:
        if not -100 <= getattr(weights, name) <= 100:
            faults[name] = "Use -100 to 100 points."
    if not 0 <= weights.age_points <= 100:
        faults["age_points"] = "Use 0 (age does not matter) to 100 points."
    if weights.age_points and not 1 <= weights.age_hours <= _YEAR_HOURS:
        faults["age_hours"] = "Use at least one hour, and at most a year."
    if not weights.age_points and weights.age_hours:
        faults["age_points"] = "Say how many points, or leave the hours empty."
    faults |= _value_faults(weights, published)
    return faults


def _value_faults(weights: Weights, published: contracts.Published | None) -> dict[str, str]:
    text = weights.value_of.strip()
    if not math.isfinite(weights.value_full) or weights.value_full < 0:
        return {"value_full": "Use a number above 0."}
    if not text:
        return {"value_of": "Say which number is the value."} if weights.value else {}
    if weights.value_full == 0:
        return {"value_full": "Say at which value the points are given in full: a number above 0."}
    if published is None:
        return {"value_of": "Publish the agent's contract first: it says which fields there are."}
    if "\x00" in text:
        return {"value_of": "Take out the character that cannot be stored (NUL)."}
    try:
        seen.check_figure(text, published.spec)
    except seen.RuleFault as fault:
        return {"value_of": str(fault)}
    return {}


def sweep(*, now: datetime, by: events.Actor) -> int:
    """Weigh open cases again whose queue's weights changed, and add what age brings; return how many cases changed.

    Any number of workers may run this at once, and one that is killed leaves nothing half done: what a case was given, and
    under which revision, stands in its row.
    """
    count = 0
    for held in PriorityWeights.objects.select_related("queue__agent").order_by("pk"):
        for turn in (_weigh_again, _age):
            for _ in range(_TURNS):
                done = turn(held, now, by)
                count += done
                if done < _AT_ONCE:
                    break
    return count


@transaction.atomic
def _weigh_again(held: PriorityWeights, now: datetime, by: events.Actor) -> int:
    # Shared with nobody who changes the weights: a batch under weights that are no longer there would be done twice.
    current = PriorityWeights.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=held.pk).first()
    if current is None:
        return 0
    rows = (
        Task.objects.select_for_update(skip_locked=True)
        .filter(queue=held.queue, state=Task.State.OPEN, kind=Task.Kind.REVIEW)
        .exclude(weighed_under=current.revision)
        .order_by("pk")[:_AT_ONCE]
    )
    tasks = list(rows)
    found = facts.of_decisions({task.decision_id for task in tasks})
    for task in tasks:
        given = _total(found[task.decision_id], current.weights) if task.decision_id in found else task.weighed
        task.priority = max(priority.LEAST, min(priority.MOST, task.priority - task.weighed - task.aged + given))
        task.weighed, task.weighed_under, task.aged = given, current.revision, 0
    Task.objects.bulk_update(tasks, ["priority", "weighed", "weighed_under", "aged"])
    if tasks:
        _tell(held, "queue.reweighed", {"revision": current.revision, "tasks": len(tasks)}, by)
    return len(tasks)


@transaction.atomic
def _age(held: PriorityWeights, now: datetime, by: events.Actor) -> int:
    if not held.age_points:
        return 0
    values: dict[str, Any] = {
        "queue": held.queue_id,
        "revision": held.revision,
        "now": now,
        "points": held.age_points,
        "seconds": held.age_hours * 3600,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AGE, values)
        tasks = [str(row[0]) for row in cursor.fetchall()]
    if tasks:
        _tell(held, "queue.raised", {"moment": "age", "step": held.age_points, "tasks": tasks}, by)
    return len(tasks)


def terms_of(queue: Queue) -> dict[str, Any]:
    """Return a queue's weights by field."""
    given = getattr(queue, "weights", None)
    weights = given.weights if given else priority.USUAL
    return {field.name: getattr(weights, field.name) for field in fields(Weights)}


def _total(decision: facts.Facts, weights: Weights) -> int:
    spec = contracts.by_id(decision.contract_id).spec
    parts = priority.parts(
        reading.case_of(decision),
        spec,
        propensity=decision.propensity,
        waits=bool(decision.waits),
        weights=weights,
    )
    return priority.total(parts)


def _tell(held: PriorityWeights, kind: str, data: dict[str, Any], by: events.Actor) -> None:
    subject, scope = ("queue", str(held.queue_id)), held.queue.agent.slug
    if kind == "queue.raised":
        events.record("queue.raised", subject=subject, actor=by, scope=scope, data=data)
    else:
        events.record("queue.reweighed", subject=subject, actor=by, scope=scope, data=data)
    live.push(f"queue.{held.queue_id}", {"event": kind})
