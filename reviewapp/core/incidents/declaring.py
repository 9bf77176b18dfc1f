"""Incidents that people declare, and what people plan so that one does not come back."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from reviewapp.core import clock, ids
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.incidents import kinds, selectors, services
from reviewapp.core.incidents.models import Incident, IncidentAction, IncidentEntry

_TITLE, _WHAT, _ACTIONS = 120, 200, 50
Entry = IncidentEntry.Kind


@transaction.atomic
def declare(*, agent: tuple[UUID, str], title: str, text: str, began_at: datetime | None = None, by: User) -> Incident:
    """Declare an incident of an agent (id, slug), since `began_at` or now; who declares it leads it.

    Raises `NotAllowed`, and `Invalid` naming title, text or began_at.
    """
    if not any(access.can_by_key(by, right, agent[0]) for right in selectors.ACT):
        raise NotAllowed(
            "Your roles do not let you declare incidents of this agent.", extra={"permission": selectors.ACT[0]}
        )
    now, title = clock.now(), title.strip()
    faults = {}
    if not 0 < len(title) <= _TITLE:
        faults["title"] = f"Say in one line of at most {_TITLE} characters what goes wrong."
    if len(text.strip()) < services.LEAST or len(text.strip()) > services.MOST:
        faults["text"] = f"Say what you saw, in {services.LEAST} to {services.MOST:,} characters."
    if began_at is not None and began_at > now:
        faults["began_at"] = "It cannot have begun later than now."
    if faults:
        raise Invalid("The incident is not declared yet.", fields=faults)
    row = Incident.objects.create(
        kind=kinds.DECLARED,
        key=str(ids.uuid7()),
        agent_id=agent[0],
        scope=agent[1],
        data={"title": title},
        path=f"/operations/?agent={agent[1]}",
        began_at=began_at or now,
        opened_at=now,
    )
    services.write(row, Entry.DECLARED, text.strip(), by, actors.of(by))
    return services.acknowledge(number=row.pk, by=by)


@transaction.atomic
def contain(*, number: int, text: str, by: User) -> Incident:
    """Say that a declared incident is over, and how. What the system noticed ends by itself.

    Raises `Missing`, `NotAllowed`, `Invalid` (too few words), `Conflict` (over already, or not declared).
    """
    row = services.held(number, by)
    if row.kind != kinds.DECLARED:
        raise Conflict("The system noticed it, and says itself when it is over.", code="not_declared")
    if row.ended_at is not None:
        raise Conflict("It is over already.", code="incident_over")
    words = services.words_of(text, least=services.LEAST)
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    services.write(row, Entry.CONTAINED, words, by, actors.of(by))
    return row


@transaction.atomic
def plan(*, number: int, what: str, owner: str, due: date, by: User) -> IncidentAction:
    """Plan what keeps an incident from coming back: `owner` is the user name of somebody who may act on it.

    Raises `Missing`, `NotAllowed`, `Conflict` (too many), and `Invalid` naming what, owner or due.
    """
    row = services.held(number, by)
    what = what.strip()
    person = User.objects.filter(username=owner, is_active=True).first()
    faults = {}
    if not 0 < len(what) <= _WHAT:
        faults["what"] = f"Say in at most {_WHAT} characters what is done."
    if person is None or not selectors.may_act(person, row):
        faults["owner"] = "Choose somebody who operates or releases the agent."
    if due < clock.now().date():
        faults["due"] = "Choose a day that is not over."
    if faults or person is None:
        raise Invalid("The action is not planned yet.", fields=faults)
    if row.actions.count() >= _ACTIONS:
        raise Conflict(f"An incident has {_ACTIONS} actions at most.", code="too_many")
    made = IncidentAction.objects.create(
        incident=row, what=what, owner=person, due=due, planned_at=clock.now(), planned_by=by
    )
    services.write(row, Entry.PLANNED, f"{what} ({person.display_name}, {due:%-d %b})", by, actors.of(by))
    return made


@transaction.atomic
def finish(*, number: int, action_id: UUID, by: User) -> IncidentAction:
    """Say that an action is done; twice is once. Raises `Missing` and `NotAllowed`."""
    row = services.held(number, by)
    made = row.actions.filter(pk=action_id).first()
    if made is None:
        raise Missing("There is no such action.")
    if made.finished_at is None:
        made.finished_at, made.finished_by = clock.now(), by
        made.save(update_fields=["finished_at", "finished_by"])
        services.write(row, Entry.FINISHED, made.what, by, actors.of(by))
    return made
