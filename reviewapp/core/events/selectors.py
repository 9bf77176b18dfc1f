"""Reading the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q

from reviewapp.core.events import spine
from reviewapp.core.events.models import Event, OutboxEntry


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as pages show it."""

    id: UUID
    type: str
    actor_kind: str
    actor_id: str
    actor_label: str
    subject_type: str
    subject_id: str
    scope: str
    data: dict[str, Any]
    at: datetime


def of_subjects(subjects: list[tuple[str, str]], *, limit: int = 200) -> list[EventRow]:
    """Return the events of any of these (entity, id) pairs, oldest first. The caller has checked the right to see them."""
    wanted = Q(pk__in=[])
    for entity, key in subjects:
        wanted |= Q(subject_type=entity, subject_id=key)
    return [_row(event) for event in Event.objects.filter(wanted).order_by("id")[:limit]]


def latest(*, scope: str, types: list[str] | None = None, limit: int = 50) -> list[EventRow]:
    """Return the newest events of one agent, newest first."""
    query = Event.objects.filter(scope=scope)
    if types:
        query = query.filter(type__in=types)
    return [_row(event) for event in query.order_by("-id")[:limit]]


@dataclass(frozen=True, slots=True)
class Outbox:
    """What has not reached its handlers: how much waits, since when, what was parked, and why."""

    waiting: int
    oldest_seconds: float
    parked: int
    last_error: str


def outbox(*, now: datetime) -> Outbox:
    """Return the state of the outbox at `now`."""
    waiting = OutboxEntry.objects.filter(parked_at__isnull=True)
    parked = OutboxEntry.objects.filter(parked_at__isnull=False)
    counts = waiting.aggregate(number=Count("pk"), oldest=Min("event__recorded_at"))
    oldest = counts["oldest"]
    return Outbox(
        waiting=counts["number"],
        oldest_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        parked=parked.count(),
        last_error=parked.order_by("-parked_at").values_list("last_error", flat=True).first() or "",
    )


@dataclass(frozen=True, slots=True)
class Parked:
    """What was set aside: how much (a thousand are counted at most), since when, and what the newest fault said."""

    number: int
    since: datetime
    last_error: str


def parked() -> Parked | None:
    """Return what was set aside after failing, None when nothing was."""
    rows = OutboxEntry.objects.filter(parked_at__isnull=False).order_by("parked_at")
    found = [(since, fault) for since, fault in rows.values_list("parked_at", "last_error")[:1000] if since]
    return Parked(len(found), found[0][0], found[-1][1]) if found else None


def parked_subjects(entity: str, *, limit: int) -> list[str]:
    """Return the ids of the subjects of one kind whose events were set aside, oldest first, each once."""
    rows = OutboxEntry.objects.filter(parked_at__isnull=False, subject_key__startswith=f"{entity}:").order_by("seq")
    keys = rows.values_list("subject_key", flat=True)[: limit * 4]
    return list(dict.fromkeys(key.partition(":")[2] for key in keys))[:limit]


def _row(event: Event) -> EventRow:
    return EventRow(
        id=event.id,
        type=event.type,
        actor_kind=event.actor_kind,
        actor_id=event.actor_id,
        actor_label=event.actor_label,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        scope=event.scope,
        data=event.data,
        at=event.recorded_at,
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """One event's hash as it was sealed, and whether its content still gives the same one."""

    type: str
    at: datetime
    leaf: str
    holds: bool


def proofs(subjects: list[tuple[str, str]], *, limit: int = 200) -> list[Proof]:
    """Return the hashes of the newest `limit` events of these (entity, id) pairs, newest first, each computed anew.

    A hash that does not hold tells that its event was changed; that none was taken out they do not tell. The caller has
    checked the right to see them.
    """
    wanted = Q(pk__in=[])
    for entity, key in subjects:
        wanted |= Q(subject_type=entity, subject_id=key)
    rows = Event.objects.filter(wanted).order_by("-id")[:limit]
    return [Proof(row.type, row.recorded_at, bytes(row.leaf).hex(), spine.leaf(row) == bytes(row.leaf)) for row in rows]
