"""Keeping calendars, and telling which queues count by them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from agents.models import Agent
from corrections.models import Calendar, Queue
from corrections.rules import working_time
from corrections.selectors import rights
from reviewapp.core import events
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing

events.external("calendar.kept")


def due(queue: Queue, now: datetime, *, minutes: int | None = None) -> datetime:
    """Return when a task that opens `now` is due: the queue's minutes, or `minutes`, of the queue's working time later."""
    calendar = queue.calendar
    return working_time.due(now, queue.due_minutes if minutes is None else minutes, calendar.week if calendar else None)


@transaction.atomic
def keep(
    *,
    agent_id: UUID,
    code: str = "",
    name: str,
    time_zone: str,
    hours: Mapping[str, Sequence[str]],
    holidays: Sequence[str] = (),
    queues: Sequence[str] = (),
    by: User,
) -> Calendar:
    """Make a calendar of an agent, or change the one with this code, and let exactly `queues` (codes) count by it.

    A queue that is not named any more counts round the clock, unless another calendar took it. Tasks that are open keep
    their deadlines. Without a code one is made of the name. Raises `Missing`, `NotAllowed`, and `Invalid` by field.
    """
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    if agent is None or not access.can(by, "agents.view_agent", agent):
        raise Missing("There is no such agent.")
    rights.require_keeper(by, agent)
    name, faults = name.strip(), {}
    made_of_name = not code
    code = code or slugify(name)[:60]
    if not name or len(name) > 120:
        faults["name"] = "Give the calendar a name of at most 120 characters."
    elif not code:
        faults["name"] = "Use a name with letters or digits."
    elif made_of_name and Calendar.objects.filter(agent=agent, code=code).exists():
        faults["name"] = "There is a calendar of this name. Change that one, or choose another name."
    known = {queue.code: queue for queue in Queue.objects.select_for_update().filter(agent=agent)}
    if unknown := sorted(set(queues) - set(known)):
        faults["queues"] = f"This agent has no queue {', '.join(unknown)}. It has: {', '.join(sorted(known))}."
    try:
        week = working_time.read(time_zone=time_zone, hours=hours, holidays=holidays)
    except Invalid as fault:
        faults.update(fault.fields)
    if faults:
        raise Invalid("The calendar is not complete.", fields=faults)
    kept = {day: [span.strip() for span in hours[day]] for day in working_time.DAYS if hours.get(day)}
    free = sorted(day.isoformat() for day in week.holidays)
    row, _ = Calendar.objects.update_or_create(
        agent=agent, code=code, defaults={"name": name, "time_zone": time_zone, "hours": kept, "holidays": free}
    )
    Queue.objects.filter(calendar=row).exclude(code__in=queues).update(calendar=None)
    Queue.objects.filter(agent=agent, code__in=queues).update(calendar=row)
    events.record(
        "calendar.kept",
        subject=("calendar", str(row.pk)),
        actor=actors.of(by),
        scope=agent.slug,
        data={
            "code": code,
            "time_zone": time_zone,
            "hours": kept,
            "holidays": free,
            "queues": sorted(set(queues)),
        },
    )
    return row
