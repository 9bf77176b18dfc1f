"""A queue's weights as their page shows them, and what other weights would make of the cases that wait."""

from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from agents.selectors import contracts, facts
from corrections.models import Queue, Task
from corrections.rules import priority, seen
from corrections.rules.priority import Weights
from corrections.selectors import queues, rights
from corrections.selectors.routing import case_of
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

# Enough to see the order change; each is one case's figure at most.
TRIED = 200
SHOWN = 12


@dataclass(frozen=True, slots=True)
class WeightsPage:
    """A queue, its weights by field, whether they are its own, and the names a figure may use."""

    queue: Queue
    entered: dict[str, Any]
    own: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A waiting case: its place and priority now, and with the weights that were tried."""

    title: str
    place: int
    place_now: int
    priority: int
    priority_now: int


@dataclass(frozen=True, slots=True)
class Trial:
    """The first cases under the tried weights, of `tried` that wait; `unsure` of them have a value that cannot be told, for
    the reason `why`.
    """

    rows: list[Moved]
    tried: int
    unsure: int
    why: str


def page(user: User, queue_id: UUID) -> WeightsPage:
    """Return a review queue's weights. Raises `Missing`, and `NotAllowed` for who does not keep the agent's queues."""
    queue = _kept(user, queue_id)
    held = getattr(queue, "weights", None)
    weights = held.weights if held else priority.USUAL
    published = contracts.latest(queue.agent_id)
    return WeightsPage(
        queue=queue,
        entered={field.name: getattr(weights, field.name) for field in fields(Weights)},
        own=held is not None,
        names=seen.names(published.spec) if published else (),
    )


def trial(user: User, queue_id: UUID, *, weights: Weights) -> Trial:
    """Weigh the most urgent cases that wait in a queue with other weights; nothing is kept. Age is left as it is.

    Raises `Missing` and `NotAllowed` as `page`, and `Invalid` by field.
    """
    queue = _kept(user, queue_id)
    rows = list(Task.objects.filter(queue=queue, state=Task.State.OPEN, kind=Task.Kind.REVIEW, seat=1)[:TRIED])
    found = facts.of_decisions({row.decision_id for row in rows})
    moved: list[tuple[int, Task, int]] = []
    whys: list[str] = []
    for place, row in enumerate(rows):
        decision = found[row.decision_id]
        parts = priority.parts(
            case_of(decision),
            contracts.by_id(decision.contract_id).spec,
            propensity=decision.propensity,
            waits=bool(decision.waits),
            weights=weights,
        )
        whys.extend(part.fault for part in parts if part.fault)
        after = max(priority.LEAST, min(priority.MOST, row.priority - row.weighed + priority.total(parts)))
        moved.append((after, row, place + 1))
    ordered = sorted(moved, key=lambda one: (-one[0], one[1].due_at, one[1].pk))
    return Trial(
        rows=[
            Moved(row.title, place, before, after, row.priority)
            for place, (after, row, before) in enumerate(ordered[:SHOWN], start=1)
        ],
        tried=len(rows),
        unsure=len(whys),
        why=whys[0] if whys else "",
    )


def _kept(user: User, queue_id: UUID) -> Queue:
    queue = queues.queue_for(user, queue_id)
    rights.require_keeper(user, queue.agent)
    if queue.kind != Queue.Kind.STANDARD:
        raise Missing("Only review queues are weighed: what seniors settle comes by its deadline.")
    return Queue.objects.select_related("agent", "weights").get(pk=queue.pk)
