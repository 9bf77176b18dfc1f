"""The calendars a person may see, and what they say."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.models import Agent
from agents.selectors import visible
from corrections.models import Calendar, Queue
from corrections.rules import working_time
from corrections.selectors import rights
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

DAY_NAMES = dict(
    zip(
        working_time.DAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A calendar: its document, and the queues (code, name) that count by it. `hours` names working days only."""

    id: UUID
    code: str
    name: str
    agent_slug: str
    agent_name: str
    time_zone: str
    hours: dict[str, list[str]]
    holidays: list[str]
    queues: list[tuple[str, str]]
    may_keep: bool

    @property
    def week(self) -> list[tuple[str, str]]:
        """Return the working days in order, as (name, spans)."""
        return [(label, ", ".join(self.hours[day])) for day, label in DAY_NAMES.items() if self.hours.get(day)]


@dataclass(frozen=True, slots=True)
class Round:
    """A queue that counts round the clock."""

    id: UUID
    name: str
    agent_name: str


def listed(user: Any, *, agent: str = "") -> list[CalendarRow]:
    """Return the calendars of the agents a person or a program may see, by agent and name; of one `agent` (slug) if named."""
    seen = visible.agents(user)
    rows = Calendar.objects.filter(agent__in=[one for one in seen if not agent or one.slug == agent])
    return [
        _row(user, one)
        for one in rows.select_related("agent").prefetch_related("queues").order_by("agent__name", "name")
    ]


def one(user: User, calendar_id: UUID) -> CalendarRow:
    """Return a calendar. Raises `Missing` when there is none, or none that the person may see."""
    found = Calendar.objects.select_related("agent").prefetch_related("queues").filter(pk=calendar_id).first()
    if found is None or not visible.may_view(user, found.agent):
        raise Missing("This calendar does not exist.")
    return _row(user, found)


def round_the_clock(user: User) -> list[Round]:
    """Return the queues a person may see that no calendar counts for."""
    rows = Queue.objects.filter(agent__in=visible.agents(user), calendar__isnull=True).select_related("agent")
    return [Round(row.pk, row.name, row.agent.name) for row in rows.order_by("agent__name", "position", "name")]


def kept_by(user: User) -> list[Agent]:
    """Return the agents whose calendars a person may keep."""
    return [agent for agent in visible.agents(user) if rights.may_configure(user, agent)]


def require_keeper(user: User, slug: str) -> Agent:
    """Return an agent whose calendars the person may keep. Raises `Missing` and `NotAllowed`."""
    agent = visible.agent(user, slug)
    rights.require_keeper(user, agent)
    return agent


def queues_of(agent_id: UUID) -> list[tuple[str, str]]:
    """Return the queues of an agent as (code, name)."""
    return list(Queue.objects.filter(agent_id=agent_id).order_by("position", "name").values_list("code", "name"))


def _row(user: Any, found: Calendar) -> CalendarRow:
    return CalendarRow(
        id=found.pk,
        code=found.code,
        name=found.name,
        agent_slug=found.agent.slug,
        agent_name=found.agent.name,
        time_zone=found.time_zone,
        hours=found.hours,
        holidays=found.holidays,
        queues=sorted((queue.code, queue.name) for queue in found.queues.all()),
        may_keep=rights.may_configure(user, found.agent),
    )
