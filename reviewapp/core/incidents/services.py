"""Beginning and ending incidents by facts, and looking after them.

A fact is named by its kind and key. Telling the same fact twice changes nothing, so handlers and looks may.
"""

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from reviewapp.core import clock, events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing
from reviewapp.core.incidents import kinds, selectors
from reviewapp.core.incidents.kinds import KINDS
from reviewapp.core.incidents.models import Incident, IncidentEntry

events.external(
    *("incident.again", "incident.ended", "incident.contained", "incident.acknowledged"),
    *("incident.taken", "incident.noted", "incident.planned", "incident.finished", "incident.resolved"),
)

LEAST, MOST = 10, 4000
State, Entry = Incident.State, IncidentEntry.Kind


@transaction.atomic
def begin(
    *,
    kind: str,
    key: str,
    agent: tuple[UUID, str] | None,
    data: Mapping[str, Any],
    began_at: datetime,
    path: str = "",
    text: str = "",
    by: events.Actor,
) -> Incident:
    """Note that a fact holds, since `began_at`; return its incident.

    One that is not resolved is gone on with: nothing changes while it holds, and what was over has begun again. `agent`
    is (id, slug), None for what all agents share; `data` holds what the kind's title names and ids, never personal values.
    """
    if kind not in KINDS:
        raise Invalid("This is no kind of incident.", fields={"kind": f"Use one of {', '.join(KINDS)}."})
    # Two workers that notice the same fact at once: the second waits, then finds what the first made.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, zlib.crc32(f"{kind}:{key}".encode()) - 2**31])
    now = clock.now()
    row = _unresolved(kind, key)
    if row is None:
        row = Incident.objects.create(
            kind=kind,
            key=key,
            agent_id=agent[0] if agent else None,
            scope=agent[1] if agent else "",
            data=dict(data),
            path=path,
            began_at=min(began_at, now),
            opened_at=now,
        )
        write(row, Entry.OPENED, text, None, by)
    elif row.ended_at is not None:
        row.ended_at = None
        row.save(update_fields=["ended_at"])
        write(row, Entry.AGAIN, text, None, by)
    return row


@transaction.atomic
def end(*, kind: str, key: str, text: str = "", by: events.Actor) -> Incident | None:
    """Note that a fact is over; return its incident, None when none was going on."""
    row = _unresolved(kind, key)
    if row is None or row.ended_at is not None:
        return None
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    write(row, Entry.ENDED, text, None, by)
    return row


@transaction.atomic
def acknowledge(*, number: int, by: User) -> Incident:
    """Say that somebody looks after an incident; who says so leads it. Twice is once.

    Raises `Missing`, `NotAllowed`, `Conflict` (resolved already).
    """
    row = held(number, by)
    if row.state == State.RESOLVED:
        raise _over()
    if row.state == State.OPEN:
        _acknowledge(row, by)
    return row


@transaction.atomic
def take(*, number: int, by: User) -> Incident:
    """Lead an incident from now on, whoever led it before. Raises as `acknowledge` does."""
    row = held(number, by)
    if row.state == State.RESOLVED:
        raise _over()
    if row.state == State.OPEN:
        _acknowledge(row, by)
    elif row.lead_id != by.pk:
        row.lead = by
        row.save(update_fields=["lead"])
        write(row, Entry.TAKEN, "", by, actors.of(by))
    return row


@transaction.atomic
def note(*, number: int, text: str, by: User) -> IncidentEntry:
    """Write a line into the timeline, also of a resolved incident. Raises `Missing`, `NotAllowed`, `Invalid`."""
    row = held(number, by)
    return write(row, Entry.NOTED, words_of(text, least=1), by, actors.of(by))


@transaction.atomic
def resolve(*, number: int, text: str, by: User) -> Incident:
    """Close an incident that is over, saying what it was and what keeps it from coming back.

    Raises `Missing`, `NotAllowed`, `Invalid` (too few words), `Conflict` (it still holds, or is resolved already).
    """
    row = held(number, by)
    if row.state == State.RESOLVED:
        raise _over()
    if row.ended_at is None:
        mend = (
            "Say first that it is over"
            if row.kind == kinds.DECLARED
            else "Mend the cause, and the page says when it is"
        )
        raise Conflict(f"It still holds. {mend}.", code="incident_holds")
    words = words_of(text, least=LEAST)
    if row.state == State.OPEN:
        _acknowledge(row, by)
    row.state, row.resolved_at, row.resolved_by = State.RESOLVED, clock.now(), by
    row.save(update_fields=["state", "resolved_at", "resolved_by"])
    write(row, Entry.RESOLVED, words, by, actors.of(by))
    return row


# The first half of the advisory locks of incidents: a number nobody else uses.
_LOCKS = 0x1C1D


def _unresolved(kind: str, key: str) -> Incident | None:
    found = Incident.objects.select_for_update().filter(kind=kind, key=key)
    return found.exclude(state=State.RESOLVED).first()


def held(number: int, by: User) -> Incident:
    """Return an incident for acting upon it, locked. Raises `Missing` and `NotAllowed`. Inside the caller's transaction."""
    row = Incident.objects.select_for_update(of=("self",)).filter(pk=number).first()
    if row is None or not selectors.may_see(by, row):
        raise Missing("There is no such incident.")
    selectors.require_act(by, row)
    return row


def _acknowledge(row: Incident, by: User) -> None:
    row.state, row.acknowledged_at, row.acknowledged_by, row.lead = State.ACKNOWLEDGED, clock.now(), by, by
    row.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "lead"])
    write(row, Entry.ACKNOWLEDGED, "", by, actors.of(by))


def words_of(text: str, *, least: int) -> str:
    """Return what somebody typed, stripped. Raises `Invalid` at `text` when it is too short or too long."""
    words = text.strip()
    if len(words) < least:
        mend = f"Write at least {least} characters: others learn from it." if least > 1 else "Write something first."
        raise Invalid("Say more.", fields={"text": mend})
    if len(words) > MOST:
        raise Invalid("Say less.", fields={"text": f"Keep it below {MOST:,} characters."})
    return words


def _over() -> Conflict:
    return Conflict("This incident is resolved. Write a note if there is more to say.", code="incident_resolved")


def write(row: Incident, kind: str, text: str, person: User | None, actor: events.Actor) -> IncidentEntry:
    """Write a line into a timeline and tell of it. Inside the caller's transaction."""
    entry = IncidentEntry.objects.create(incident=row, kind=kind, text=text, written_at=clock.now(), person=person)
    events.record(
        f"incident.{kind}",
        subject=("incident", str(row.pk)),
        actor=actor,
        scope=row.scope,
        data={"kind": row.kind, "key": row.key},
    )
    return entry
