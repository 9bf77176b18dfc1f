"""How a queue copes: what came, what was closed, what waits, who is on it, and when it is empty at this pace."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from corrections.models import Queue, Task
from corrections.rules import capacity
from corrections.selectors import queues
from reviewapp.core import ids
from reviewapp.core.accounts.models import User

# A day in steps of three hours: fine enough to see a morning rush, coarse enough to be read on a phone.
_STEPS, _STEP = 8, timedelta(hours=3)
# As the index `task_closed` says it.
_CLOSED = ~Q(state="open")


@dataclass(frozen=True, slots=True)
class Capacity:
    """A queue over the last day, counted in tasks. `labels` are the hours at which steps begin, in the asker's zone.

    `people` hold a case of it now, `in_time` of `closed` were closed by their deadline; `empty_in` is the time until nothing
    waits at this pace, None when more comes than is closed.
    """

    queue: Queue
    labels: tuple[str, ...]
    arrivals: tuple[int, ...]
    done: tuple[int, ...]
    waiting: int
    overdue: int
    people: int
    in_time: int
    empty_in: timedelta | None

    @property
    def arrived(self) -> int:
        """Return how many tasks came in."""
        return sum(self.arrivals)

    @property
    def closed(self) -> int:
        """Return how many tasks were closed."""
        return sum(self.done)

    @property
    def head(self) -> tuple[str, str, str]:
        """Return what the columns of `rows` are called."""
        return ("From", "Came in", "Closed")

    @property
    def read_arrivals(self) -> str:
        """Return the sentence that reads the arrivals."""
        return _read(self.arrivals, self.labels, "came in")

    @property
    def read_done(self) -> str:
        """Return the sentence that reads the work."""
        return _read(self.done, self.labels, "were closed")

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Return each step as (label, came in, closed)."""
        return list(zip(self.labels, self.arrivals, self.done, strict=True))


def of(user: User, queue_id: UUID, *, now: datetime) -> Capacity:
    """Return how a queue copes. Raises `Missing`, also for queues the person may not know of."""
    queue = queues.queue_for(user, queue_id)
    began = now - _STEPS * _STEP
    # A task's id is as old as the task: the primary key finds what is new.
    came = Task.objects.filter(queue=queue, pk__gte=ids.uuid7_floor(began), created_at__gt=began)
    gone = Task.objects.filter(_CLOSED, queue=queue, closed_at__gt=began).values_list("closed_at", "due_at", "state")
    arrivals, done, in_time = [0] * _STEPS, [0] * _STEPS, 0
    for created_at in came.order_by().values_list("created_at", flat=True).iterator():
        arrivals[_step(created_at, began)] += 1
    left = 0
    for closed_at, due_at, state in gone.order_by().iterator():
        if closed_at is None:
            continue
        left += 1
        if state == Task.State.DONE:
            done[_step(closed_at, began)] += 1
            in_time += int(closed_at <= due_at)
    stands = Task.objects.filter(queue=queue, state=Task.State.OPEN).aggregate(
        waiting=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lte=now)),
        people=Count("lease_holder", filter=Q(lease_until__gt=now), distinct=True),
    )
    hours = (now - began) / timedelta(hours=1)
    # What is cancelled waits no more either: the pace counts it, the people's work does not.
    found = capacity.hours_to_empty(waiting=stands["waiting"], arrived=sum(arrivals), closed=left, hours=hours)
    zone = ZoneInfo(user.time_zone)
    return Capacity(
        queue=queue,
        labels=tuple(f"{(began + number * _STEP).astimezone(zone):%H:%M}" for number in range(_STEPS)),
        arrivals=tuple(arrivals),
        done=tuple(done),
        in_time=in_time,
        empty_in=None if found is None else timedelta(hours=min(found, 24 * 3650)),
        **stands,
    )


def _read(counts: tuple[int, ...], labels: tuple[str, ...], words: str) -> str:
    most = max(counts)
    if not most:
        return f"No cases {words} in these 24 hours."
    return f"{sum(counts)} cases {words}; most, {most}, in the three hours from {labels[counts.index(most)]}."


def _step(at: datetime, began: datetime) -> int:
    return max(0, min(_STEPS - 1, int((at - began) / _STEP)))
