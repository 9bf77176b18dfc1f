"""A reviewer's day: what comes next, how the queues flow, and how far others agreed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from corrections.models import Consensus, Correction, Task
from corrections.selectors import queues
from reviewapp.core import ids, statements
from reviewapp.core.accounts.models import User

# The little line beside a queue: a day in steps of three hours.
_STEPS, _STEP = 8, timedelta(hours=3)
_AGREEMENT_DAYS = 28
# As the index `task_closed` says it.
_CLOSED = ~Q(state="open")

# A task's id is as old as the task: the primary key finds what is new.
_ARRIVED = statements.told_once("""
    SELECT queue_id, floor(extract(epoch FROM created_at - %(began)s::timestamptz) / %(step)s::float8)::int, count(*)
    FROM corrections_task
    WHERE id >= %(floor)s::uuid AND queue_id = ANY(%(queues)s::uuid[]) AND created_at > %(began)s::timestamptz
    GROUP BY 1, 2
""")


@dataclass(frozen=True, slots=True)
class NextUp:
    """What the person should do next; `held`: they hold it already."""

    task_id: UUID
    queue_id: UUID
    name: str
    queue_name: str
    due_at: datetime
    created_at: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """One queue since yesterday: tasks that came in by step, oldest first; closed today, and how many of them in time."""

    arrivals: tuple[int, ...]
    closed: int
    in_time: int

    @property
    def arrived(self) -> int:
        """Return how many tasks came in."""
        return sum(self.arrivals)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the cases that others judged too and that are settled: on how many the person said what was settled."""

    same: int
    settled: int
    days: int


def next_up(user: User, *, now: datetime) -> NextUp | None:
    """Return the task that "Start reviewing" opens: one the person holds already, else the most urgent free one."""
    found = queues.first_held(user, now=now) or queues.most_urgent(user, now=now)
    if found is None:
        return None
    return NextUp(
        task_id=found.pk,
        queue_id=found.queue_id,
        name=found.decision.case_ref or found.title,
        queue_name=found.queue.name,
        due_at=found.due_at,
        created_at=found.created_at,
        held=found.lease_holder_id == user.pk,
    )


def flows(queue_ids: Sequence[UUID], *, now: datetime, day_began: datetime) -> dict[UUID, Flow]:
    """Return how each queue flowed: two queries for all of them, which read what came and went since yesterday."""
    began = now - _STEPS * _STEP
    arrivals: dict[UUID, list[int]] = defaultdict(lambda: [0] * _STEPS)
    named = {"queues": list(queue_ids), "began": began, "floor": ids.uuid7_floor(began), "step": _STEP.total_seconds()}
    for queue_id, step, count in statements.run(_ARRIVED, named, again=True):
        arrivals[queue_id][max(0, min(step, _STEPS - 1))] += count
    closed = {
        row["queue_id"]: (int(row["closed"]), int(row["in_time"]))
        for row in Task.objects.filter(_CLOSED, queue__in=queue_ids, state=Task.State.DONE, closed_at__gte=day_began)
        .order_by()
        .values("queue_id")
        .annotate(closed=Count("pk"), in_time=Count("pk", filter=Q(closed_at__lte=F("due_at"))))
    }
    return {key: Flow(tuple(arrivals[key]), *closed.get(key, (0, 0))) for key in queue_ids}


def agreement(user: User, *, now: datetime) -> Agreement:
    """Return how often what the person said is what was settled, over the cases that others judged too."""
    since = now - timedelta(days=_AGREEMENT_DAYS)
    mine = dict(
        Correction.objects.filter(
            author=user, submitted_at__gte=since, output__isnull=False, undone__isnull=True
        ).values_list("decision_id", "pk")
    )
    settled = (
        Consensus.objects.filter(decision__in=mine, authoritative=True, state=Consensus.State.USABLE)
        .annotate(people=Count("decision__corrections__author", distinct=True))
        .filter(people__gt=1)
        .values_list("decision_id", "corrections")
    )
    rows = [(mine[decision], counted) for decision, counted in settled]
    return Agreement(sum(own in counted for own, counted in rows), len(rows), _AGREEMENT_DAYS)
