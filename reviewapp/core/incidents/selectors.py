"""Reading incidents. Who operates or releases an agent acts on its incidents; who audits it reads them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from reviewapp.core import clock
from reviewapp.core.accounts import access
from reviewapp.core.errors import Missing, NotAllowed
from reviewapp.core.incidents.kinds import KINDS, Kind
from reviewapp.core.incidents.models import Incident, IncidentAction, IncidentEntry

ACT = ("agents.operate_agent", "agents.release_policy")
SEE = (*ACT, "agents.audit_agent")
# A count beyond this is only shown as more.
_COUNTED = 100
# What of a timeline is shown; nobody writes so much.
_ENTRIES = 500

_MARKS = {
    "opened": ("critical", "siren"),
    "again": ("critical", "siren"),
    "declared": ("critical", "flag"),
    "ended": ("positive", "circle-check"),
    "contained": ("positive", "circle-check"),
    "planned": ("human", "pen-line"),
    "finished": ("positive", "check"),
    "acknowledged": ("human", "user-check"),
    "taken": ("human", "user-round"),
    "noted": ("human", "message-square"),
    "resolved": ("positive", "check-check"),
}

STATES = Incident.State.choices


@dataclass(frozen=True, slots=True)
class Row:
    """One incident in a list. `lead` is empty while nobody looks after it."""

    number: int
    name: str
    kind: Kind
    title: str
    scope: str
    state: str
    state_label: str
    holds: bool
    lead: str
    began_at: datetime
    opened_at: datetime
    ended_at: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline, with the tone and icon of its mark; `who` is empty for what the system noticed."""

    id: UUID
    kind: str
    label: str
    tone: str
    icon: str
    text: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody does until a day; `late` when that day is over and it is not done."""

    id: UUID
    what: str
    owner: str
    due: date
    late: bool
    finished_at: datetime | None
    finished_by: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of incidents, newest first; `after` is the number that continues it, None at the end."""

    rows: list[Row]
    after: int | None


@dataclass(frozen=True, slots=True)
class Detail:
    """An incident with its timeline, newest line first. `leads` says whether the asker leads it."""

    row: Row
    key: str
    agent_id: UUID | None
    data: dict[str, Any]
    path: str
    lines: list[Line]
    actions: list[Action]
    may_act: bool
    leads: bool


def may_act(user: Any, incident: Incident) -> bool:
    """Say whether somebody may act on an incident."""
    return any(_holds(user, right, incident) for right in ACT)


def may_see(user: Any, incident: Incident) -> bool:
    """Say whether somebody may read an incident."""
    return any(_holds(user, right, incident) for right in SEE)


def sees_any(user: Any) -> bool:
    """Say whether somebody may read incidents of any agent."""
    return any(access.can_for_any(user, right) for right in SEE)


def acts_any(user: Any) -> bool:
    """Say whether somebody may act on incidents of any agent."""
    return any(access.can_for_any(user, right) for right in ACT)


def require_act(user: Any, incident: Incident) -> None:
    """Raise `NotAllowed` unless somebody may act on an incident."""
    if not may_act(user, incident):
        raise NotAllowed(
            "Your roles let you read this incident, not act on it. An operator or policy admin can.",
            extra={"permission": ACT[0]},
        )


def require_any(user: Any) -> None:
    """Raise `NotAllowed` for who may read incidents of no agent."""
    if not sees_any(user):
        raise NotAllowed("Incidents are for who operates, releases or audits an agent. An administrator can grant it.")


def open_count(user: Any) -> int:
    """Return how many of the incidents one sees nobody looks after yet; a hundred are counted at most."""
    waiting = _seen(user).filter(state=Incident.State.OPEN).order_by()
    return waiting.values("pk")[:_COUNTED].count()


def page(user: Any, *, state: str = "", after: int | None = None, size: int | None = None) -> Page:
    """Return a page of the incidents one sees, newest first, older than the number `after`."""
    size = size or settings.PAGE_SIZE
    query = _seen(user).select_related("lead")
    if state in Incident.State.values:
        query = query.filter(state=state)
    if after is not None:
        query = query.filter(pk__lt=after)
    found = list(query.order_by("-pk")[: size + 1])
    rows = [_row(one) for one in found[:size]]
    return Page(rows, rows[-1].number if len(found) > size else None)


def detail(user: Any, number: int) -> Detail:
    """Return one incident with its timeline. Raises `Missing` when there is none or it is out of sight."""
    found = Incident.objects.select_related("lead").filter(pk=number).first()
    if found is None or not may_see(user, found):
        raise Missing("There is no such incident.")
    entries = IncidentEntry.objects.filter(incident=found).select_related("person").order_by("-id")[:_ENTRIES]
    return Detail(
        row=_row(found),
        key=found.key,
        agent_id=found.agent_id,
        data=found.data,
        path=found.path,
        lines=[_line(one) for one in entries],
        actions=[_action(one) for one in found.actions.select_related("owner", "finished_by")],
        may_act=may_act(user, found),
        leads=found.lead_id == user.pk,
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many incidents of an agent are not resolved, and of how many the fact still holds."""

    unresolved: int
    holding: int


def tally(agent_id: UUID) -> Tally:
    """Return how many incidents of an agent there are to see to."""
    left = Incident.objects.filter(agent_id=agent_id).exclude(state=Incident.State.RESOLVED)
    found = left.aggregate(unresolved=Count("pk"), holding=Count("pk", filter=Q(ended_at__isnull=True)))
    return Tally(**found)


def going_on(kind: str) -> list[str]:
    """Return the keys of the incidents of a kind whose fact still holds."""
    found = Incident.objects.filter(kind=kind, ended_at__isnull=True).exclude(state=Incident.State.RESOLVED)
    return list(found.order_by("pk").values_list("key", flat=True))


def _seen(user: Any) -> QuerySet[Incident]:
    found = Q(pk__in=[])
    for right in SEE:
        if access.can(user, right):
            return Incident.objects.all()
        found |= Q(agent_id__in=access.keys_for(user, right))
    return Incident.objects.filter(found)


def _holds(user: Any, right: str, incident: Incident) -> bool:
    if incident.agent_id is None:
        return access.can(user, right)
    return access.can_by_key(user, right, incident.agent_id)


def _row(one: Incident) -> Row:
    kind = KINDS[one.kind]
    return Row(
        number=one.pk,
        name=str(one),
        kind=kind,
        title=str(kind.title) % one.data,
        scope=one.scope,
        state=one.state,
        state_label=str(Incident.State(one.state).label),
        holds=one.ended_at is None,
        lead=one.lead.display_name if one.lead else "",
        began_at=one.began_at,
        opened_at=one.opened_at,
        ended_at=one.ended_at,
        resolved_at=one.resolved_at,
    )


def _action(one: IncidentAction) -> Action:
    return Action(
        id=one.pk,
        what=one.what,
        owner=one.owner.display_name,
        due=one.due,
        late=one.finished_at is None and one.due < clock.now().date(),
        finished_at=one.finished_at,
        finished_by=one.finished_by.display_name if one.finished_by else "",
    )


def _line(one: IncidentEntry) -> Line:
    label = str(IncidentEntry.Kind(one.kind).label)
    tone, icon = _MARKS[one.kind]
    return Line(
        one.pk, one.kind, label, tone, icon, one.text, one.person.display_name if one.person else "", one.written_at
    )
