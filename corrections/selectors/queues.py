"""Queues as the people who work in them see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from corrections.models import Consensus, Correction, Draft, Handover, Queue, Task
from corrections.selectors import backlog, involved, recalls, rights, skills, taken
from reviewapp.core import clock, statements
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

DUE_SOON = timedelta(hours=1)
# The navigation stops counting here: beyond it the number says nothing more, and counting costs on every page.
COUNT_UP_TO = 99
WAITING_UP_TO = backlog.COUNTED_UP_TO

_NOTHING: dict[str, Any] = {"waiting": 0, "mine": 0, "due_soon": 0, "overdue": 0, "oldest_due": None}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue with what waits in it; `paused` says why nothing of it is given out, empty while it is;
    `lacks` the skills in which the person would have to be certified.
    """

    id: UUID
    name: str
    purpose: str
    kind: str
    agent_slug: str
    agent_name: str
    waiting: int
    mine: int
    due_soon: int
    overdue: int
    oldest_due: datetime | None
    can_work: bool
    lacks: list[str]
    paused: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task in a list."""

    id: UUID
    queue_id: UUID
    title: str
    why: str
    kind: str
    seat: int
    priority: int
    created_at: datetime
    due_at: datetime
    case_ref: str
    held_by: str
    mine: bool


@dataclass(frozen=True, slots=True)
class MyTask:
    """Something that is back with the person: held, drafted or returned."""

    id: UUID
    title: str
    queue_name: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MyCorrection:
    """One of a person's corrections and what became of it so far."""

    id: UUID
    decision_id: UUID
    title: str
    verdict: str
    submitted_at: datetime
    fate: str
    tone: str
    recallable: bool


def queues_for(user: User, *, now: datetime) -> list[QueueRow]:
    """Return the queues of the agents a person may see, in order, with counts of their open tasks (`mine`: held by the person)."""
    rows = list(
        Queue.objects.filter(agent__in=rights.visible_agents(user))
        .annotate(uncertified=skills.uncertified(user, now=now))
        .select_related("agent")
        .order_by("agent__name", "position", "name")
    )
    barred = [row.pk for row in rows if row.uncertified]
    lacking = skills.lacking(user, barred, now=now) if barred else {}
    open_now = backlog.counts([row.pk for row in rows], user.pk, now=now, soon=DUE_SOON)
    return [
        QueueRow(
            id=row.pk,
            name=row.name,
            purpose=row.purpose,
            kind=row.kind,
            agent_slug=row.agent.slug,
            agent_name=row.agent.name,
            **open_now.get(row.pk, _NOTHING),
            can_work=rights.can_work(user, row),
            lacks=[one.skill for one in lacking.get(row.pk, [])],
            paused=row.pause_reason,
        )
        for row in rows
    ]


def queue_for(user: User, queue_id: UUID) -> Queue:
    """Return a queue the person may see. Raises `Missing`, also for queues they may not know of."""
    queue = Queue.objects.select_related("agent").filter(pk=queue_id).first()
    if queue is None or not access.can(user, "agents.view_agent", queue.agent):
        raise Missing("This queue does not exist.")
    return queue


def tasks_in(
    queue: Queue, user: User, *, now: datetime, limit: int, after: Sequence[str] | None = None
) -> list[TaskRow]:
    """Return up to `limit` open tasks of a queue, most urgent first, after the keyset (priority, due_at, id) of `after`."""
    return _told(backlog.rows(queue.pk, user.pk, now=now, limit=limit, after=after), queue.pk, user)


def first_in(queue_id: UUID, user: User, *, now: datetime, limit: int) -> list[TaskRow]:
    """Return the same rows as `tasks_in` from the start of a queue, of which the caller checked the right to see it."""
    return _told(backlog.rows(queue_id, user.pk, now=now, limit=limit), queue_id, user)


def _told(found: Iterable[tuple[Any, ...]], queue_id: UUID, user: User) -> list[TaskRow]:
    return [
        TaskRow(
            id=row[0],
            queue_id=queue_id,
            title=row[1],
            why=row[2] or "",
            kind=row[3],
            seat=row[4],
            priority=row[5],
            created_at=row[6],
            due_at=row[7],
            case_ref=row[8],
            held_by=row[9] or "",
            mine=row[9] is not None and row[10] == user.pk,
        )
        for row in found
    ]


# Each queue gives at most as many as are counted, read along its index. "+ 0" and OFFSET 0: see `services.claiming`.
_OPEN = statements.told_once(f"""
    SELECT count(*) FROM (
        SELECT FROM corrections_queue q CROSS JOIN LATERAL (
            SELECT FROM corrections_task t
            WHERE t.queue_id = q.id AND t.state = 'open'
              AND (t.lease_until IS NULL OR t.lease_until <= %(now)s::timestamptz OR t.lease_holder_id = %(user)s::int8)
              AND (t.reserved_for_id = %(user)s::int8 OR (t.reserved_for_id IS NULL AND NOT {involved.sql("t.decision_id")}))
            LIMIT {COUNT_UP_TO + 1}
        ) takeable
        WHERE q.paused_at IS NULL AND {taken.MAY_WORK} AND {skills.CERTIFIED} LIMIT {COUNT_UP_TO + 1}
    ) counted
""")  # noqa: S608 - texts and numbers of the code


def open_count(user: User, *, now: datetime) -> int:
    """Return how many tasks wait that the person could take now, at most one more than `COUNT_UP_TO`.

    Read queue by queue until there are enough: however much waits, it costs the same.
    """
    if not user.is_active:
        return 0
    row = statements.run(_OPEN, {"user": user.pk, "now": now}, again=True).fetchone()
    return int(row[0]) if row is not None else 0


def reviewed_since(user: User, moment: datetime) -> dict[str, int]:
    """Return how many corrections the person submitted since `moment`, by verdict."""
    mine = Correction.objects.filter(author=user, submitted_at__gte=moment, undone__isnull=True)
    rows = mine.order_by().values_list("verdict")
    return dict(rows.annotate(n=Count("pk")))


def waiting(queue_id: UUID) -> int:
    """Return how many tasks are open in a queue, at most one more than `WAITING_UP_TO`: counting on costs every page."""
    return Task.objects.filter(queue_id=queue_id, state=Task.State.OPEN)[: WAITING_UP_TO + 1].count()


def next_queue(user: User, *, now: datetime) -> UUID | None:
    """Return the queue whose first claimable task is the most urgent for this person."""
    found = most_urgent(user, now=now)
    return found.queue_id if found is not None else None


def most_urgent(user: User, *, now: datetime) -> Task | None:
    """Return the most urgent task that the person could take now, of all their queues; queue and decision with it."""
    listed = (_takeable(user, now, queue_id) for queue_id in _workable(user, now))
    first = [task for rows in listed if (task := rows.select_related("queue", "decision").first()) is not None]
    return min(first, key=lambda task: (-task.priority, task.due_at, task.pk), default=None)


def first_held(user: User, *, now: datetime) -> Task | None:
    """Return the most urgent task that the person holds; queue and decision with it."""
    rows = Task.objects.filter(state=Task.State.OPEN, lease_holder=user, lease_until__gt=now)
    return rows.select_related("queue", "decision").order_by("-priority", "due_at", "pk").first()


def my_tasks(user: User, *, now: datetime, limit: int = 8) -> list[MyTask]:
    """Return what is back with the person: held tasks, returned ones, and drafts of tasks still open, newest first."""
    held = Task.objects.filter(state=Task.State.OPEN, lease_holder=user, lease_until__gt=now).select_related("queue")
    returned = Task.objects.filter(state=Task.State.OPEN, reserved_for=user).select_related("queue")
    drafts = (
        Draft.objects.filter(reviewer=user, task__state=Task.State.OPEN)
        .select_related("task__queue")
        .order_by("-saved_at")
    )
    found: dict[UUID, MyTask] = {}
    for task in held[:limit]:
        found[task.pk] = MyTask(task.pk, task.title, task.queue.name, "held", task.lease_until or task.created_at)
    for task in returned[:limit]:
        found[task.pk] = MyTask(task.pk, task.title, task.queue.name, "returned", task.created_at)
    for draft in drafts[:limit]:
        found.setdefault(
            draft.task_id, MyTask(draft.task_id, draft.task.title, draft.task.queue.name, "draft", draft.saved_at)
        )
    return list(found.values())[:limit]


def my_corrections(user: User, *, limit: int = 10) -> list[MyCorrection]:
    """Return a person's latest corrections and what became of each."""
    rows = (
        Correction.objects.filter(author=user, undone__isnull=True)
        .select_related("task", "escalation__approval", "undone", "recalled", "replaced_by")
        .order_by("-submitted_at")[:limit]
    )
    found = list(rows)
    settled = {
        row.decision_id: row
        for row in Consensus.objects.filter(decision__in=[row.decision_id for row in found], authoritative=True)
    }
    return [_my_correction(row, settled.get(row.decision_id)) for row in found]


def _workable(user: User, now: datetime) -> list[UUID]:
    """Return the queues that would give the person tasks."""
    standard = rights.visible_agents(user, "agents.review_task")
    senior = rights.visible_agents(user, "agents.adjudicate_task")
    may = Q(kind=Queue.Kind.STANDARD, agent__in=standard) | Q(kind=Queue.Kind.SENIOR, agent__in=senior)
    found = Queue.objects.filter(may, ~skills.uncertified(user, now=now), paused_at__isnull=True)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _takeable(user: User, now: datetime, queue_id: UUID) -> "QuerySet[Task]":
    """Return the open tasks of a queue that the person could take now, most urgent first: free or theirs, not judged
    by them. One queue at a time, so that its index gives the order and reading stops early."""
    tied = Handover.objects.filter(Q(handed_by=user) | Q(receiver=user), decision_id=OuterRef("decision_id"))
    return (
        Task.objects.filter(queue_id=queue_id, state=Task.State.OPEN)
        .filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now) | Q(lease_holder=user))
        .filter(Q(reserved_for=user) | (Q(reserved_for__isnull=True) & ~involved.of(user, "decision_id")))
        .exclude(Exists(tied.exclude(kind=OuterRef("kind"), seat=OuterRef("seat"))))
        .order_by("-priority", "due_at", "pk")
    )


def _my_correction(row: Correction, settled: Consensus | None) -> MyCorrection:
    escalation = getattr(row, "escalation", None)
    fate, tone = "Waits for another reviewer", "neutral"
    if getattr(row, "recalled", None) is not None:
        fate = "You recalled it"
    elif escalation is not None and escalation.approval.state != "approved":
        words = {
            "pending": ("Waits for a risk officer", "caution"),
            "rejected": ("Rejected by a risk officer", "critical"),
            "returned": ("Returned to you", "caution"),
        }
        fate, tone = words.get(escalation.approval.state, ("Withdrawn", "neutral"))
    elif settled is not None and settled.state == Consensus.State.ABSTAINED:
        fate, tone = "Nobody could tell", "neutral"
    elif settled is not None:
        counted = row.pk in settled.corrections
        fate, tone = ("Became the consensus", "positive") if counted else ("Others settled it differently", "caution")
    return MyCorrection(
        row.pk,
        row.decision_id,
        row.task.title,
        row.get_verdict_display(),
        row.submitted_at,
        fate,
        tone,
        not recalls.why_not(row, now=clock.now()),
    )
