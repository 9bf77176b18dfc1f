"""Searching tasks, decisions and corrections: what a person may see, newest first, in pages by keyset."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet

from agents.selectors import contracts, decisions, sealed
from agents.selectors.decisions import DecisionRow
from corrections.models import Consensus, Correction, SavedView, SearchText, Task
from corrections.rules.searching import Query
from corrections.selectors import involved, rights, shown
from corrections.selectors.sealed import SHORT
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

# Counting on would cost every page that shows a view's count.
COUNT_UP_TO = 100


@dataclass(frozen=True, slots=True)
class FoundTask:
    """A task that was found; `why` is short, and for a blind case says only that it is one. Nor is its `priority` told then: it
    rises as the agent's confidence falls.
    """

    id: UUID
    decision_id: UUID
    title: str
    case_ref: str
    agent: str
    queue: str
    queue_code: str
    kind: str
    state: str
    seat: int
    why: str
    priority: int | None
    held_by: str
    created_at: datetime
    due_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundCorrection:
    """A correction that was found. `answer` is what its author says the answer should be, in words."""

    id: UUID
    decision_id: UUID
    title: str
    case_ref: str
    agent: str
    author: str
    mine: bool
    verdict: str
    verdict_label: str
    answer: str
    output: dict[str, Any] | None
    reason_code: str
    justification: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Results:
    """A page of what was found; `after` continues it, None at the end."""

    rows: list[Any]
    after: UUID | None


def find(user: User, asked: Query, *, now: datetime, after: UUID | None = None, size: int = 50) -> Results:
    """Return a page of what a search finds, newest first. Raises `Missing` for an agent out of sight."""
    if asked.kind == "decisions":
        return _decisions(user, asked, after=after, size=size)
    if asked.kind == "corrections":
        rows = _older(_corrections(user, asked, now=now), after).order_by("-pk")
        listed = list(rows.select_related("author", "task__queue__agent", "decision")[: size + 1])
        return _page([_correction(row, user) for row in listed[:size]], more=len(listed) > size)
    rows = _older(_tasks(user, asked, now=now), after).order_by("-pk")
    found = list(rows.select_related("queue__agent", "decision", "lease_holder")[: size + 1])
    hidden = sealed.of(user, {row.decision_id for row in found})
    return _page(
        [_task(row, user, now, hidden=row.decision_id in hidden) for row in found[:size]], more=len(found) > size
    )


def count(user: User, asked: Query, *, now: datetime) -> int:
    """Return how many a search finds, at most one more than `COUNT_UP_TO`."""
    if asked.kind == "decisions":
        return len(_decisions(user, asked, after=None, size=COUNT_UP_TO + 1).rows)
    rows = _tasks(user, asked, now=now) if asked.kind == "tasks" else _corrections(user, asked, now=now)
    return rows.order_by()[: COUNT_UP_TO + 1].count()


def views(user: User) -> list[SavedView]:
    """Return a person's own views and those that others share, by name."""
    rows = SavedView.objects.filter(Q(owner=user) | Q(shared=True)).select_related("owner")
    return list(rows.order_by("name", "pk")[:200])


def view(user: User, view_id: UUID) -> SavedView:
    """Return one's own view or one that is shared. Raises `Missing`."""
    found = SavedView.objects.filter(Q(owner=user) | Q(shared=True), pk=view_id).select_related("owner").first()
    if found is None:
        raise Missing("This view does not exist, or is not shared.")
    return found


def _tasks(user: User, asked: Query, *, now: datetime) -> "QuerySet[Task]":
    rows = Task.objects.filter(queue__agent__in=_agents(user, asked))
    if (within := _within(asked, SearchText.Kind.CASE)) is not None:
        rows = rows.filter(decision_id__in=within)
    plain = {"queue": "queue__code", "state": "state", "kind": "kind", "ref": "decision__case_ref"}
    rows = rows.filter(**{column: asked.fields[name] for name, column in plain.items() if name in asked.fields})
    held = Q(lease_holder__isnull=False, lease_until__gt=now)
    match asked.fields.get("is"):
        case "overdue":
            rows = rows.filter(state=Task.State.OPEN, due_at__lte=now)
        case "held":
            rows = rows.filter(held)
        case "mine":
            rows = rows.filter(held, lease_holder=user)
    return _between(rows, asked, "created_at", user)


def _corrections(user: User, asked: Query, *, now: datetime) -> "QuerySet[Correction]":
    rows = Correction.objects.filter(_told(user, now), undone__isnull=True, task__queue__agent__in=_agents(user, asked))
    if (within := _within(asked, SearchText.Kind.CORRECTION)) is not None:
        cases = _within(asked, SearchText.Kind.CASE)
        rows = rows.filter(Q(pk__in=within) | Q(decision_id__in=cases))
    plain = {"verdict": "verdict", "reason": "reason_code", "ref": "decision__case_ref"}
    rows = rows.filter(**{column: asked.fields[name] for name, column in plain.items() if name in asked.fields})
    if author := asked.fields.get("by"):
        rows = rows.filter(author=user) if author == "me" else rows.filter(author__username=author)
    return _between(rows, asked, "submitted_at", user)


def _told(user: User, now: datetime) -> Q:
    """Return the condition on corrections a person may read: `judgements.withheld`, for all at once.

    One's own; others' once they cannot be undone and the case is settled, or the person may not judge it (any more).
    """
    own = Correction.objects.filter(decision_id=OuterRef("decision_id"), author=user, undone__isnull=True)
    stands = Exists(own.exclude(held_until__gt=now))
    settled = Exists(Consensus.objects.filter(decision_id=OuterRef("decision_id"), authoritative=True))
    back = Exists(Task.objects.filter(decision_id=OuterRef("decision_id"), state=Task.State.OPEN, reserved_for=user))
    judges = Q(task__queue__agent__in=rights.visible_agents(user, "agents.review_task").values("pk"))
    free = (Q(stands) & ~Q(back)) | (~Q(stands) & (~judges | Q(involved.decided(user, "decision_id"))))
    left = Q(held_until__isnull=True) | Q(held_until__lte=now)
    return Q(author=user) | (left & (Q(settled) | free))


def _decisions(user: User, asked: Query, *, after: UUID | None, size: int) -> Results:
    found = decisions.search(
        user,
        agent=asked.fields.get("agent", ""),
        status=asked.fields.get("status", ""),
        version=int(asked.fields["version"]) if "version" in asked.fields else None,
        ref=asked.fields.get("ref", ""),
        within=_within(asked, SearchText.Kind.CASE),
        since=_start(asked.since, user),
        before=_start(asked.ends_before, user),
        after=after,
        size=size,
    )
    rows: list[DecisionRow] = found.rows
    return Results(rows, found.after)


def _within(asked: Query, kind: str) -> "QuerySet[Any] | None":
    if not asked.tsquery:
        return None
    words = SearchQuery(asked.tsquery, config="simple", search_type="raw")
    return SearchText.objects.filter(kind=kind, words=words).values("pk")


def _agents(user: User, asked: Query) -> "QuerySet[Any]":
    agents = rights.visible_agents(user)
    slug = asked.fields.get("agent")
    return (agents.filter(slug=slug) if slug else agents).order_by().values("pk")


def _between(rows: "QuerySet[Any]", asked: Query, column: str, user: User) -> "QuerySet[Any]":
    if start := _start(asked.since, user):
        rows = rows.filter(**{f"{column}__gte": start})
    if end := _start(asked.ends_before, user):
        rows = rows.filter(**{f"{column}__lt": end})
    return rows


def _start(day: date | None, user: User) -> datetime | None:
    """Return when a day begins where the person is."""
    if day is None:
        return None
    return datetime.combine(day, time(), tzinfo=user.zone)


def _older(rows: "QuerySet[Any]", after: UUID | None) -> "QuerySet[Any]":
    return rows.filter(pk__lt=after) if after else rows


def _page(rows: list[Any], *, more: bool) -> Results:
    return Results(rows, rows[-1].id if more else None)


def _task(row: Task, user: User, now: datetime, *, hidden: bool) -> FoundTask:
    why = rights.why_for(user.pk, row.why, row.reserved_for_id)
    holder = row.lease_holder if row.lease_until is not None and row.lease_until > now else None
    return FoundTask(
        id=row.pk,
        decision_id=row.decision_id,
        title=row.title,
        case_ref=row.decision.case_ref,
        agent=row.queue.agent.name,
        queue=row.queue.name,
        queue_code=row.queue.code,
        kind=row.kind,
        state=row.state,
        seat=row.seat,
        why=SHORT if hidden else (why[0]["text"] if why else ""),
        priority=None if hidden else row.priority,
        held_by=holder.display_name if holder else "",
        created_at=row.created_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
    )


def _correction(row: Correction, user: User) -> FoundCorrection:
    spec = contracts.by_id(row.decision.contract_id).spec
    return FoundCorrection(
        id=row.pk,
        decision_id=row.decision_id,
        title=row.task.title,
        case_ref=row.decision.case_ref,
        agent=row.task.queue.agent.name,
        author=row.author.display_name,
        mine=row.author_id == user.pk,
        verdict=row.verdict,
        verdict_label=Correction.Verdict(row.verdict).label,
        answer=shown.outcome(spec, row.output) if row.output is not None else "",
        output=row.output,
        reason_code=row.reason_code,
        justification=row.justification,
        submitted_at=row.submitted_at,
    )
