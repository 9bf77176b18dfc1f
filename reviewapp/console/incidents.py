"""An incident with what it touched, read from every plane: what its page and the API show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.selectors import affected
from agents.selectors.affected import Affected
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.events import selectors as log
from reviewapp.core.incidents import kinds, selectors
from reviewapp.core.incidents.selectors import Detail, Line

# Events set aside name their subjects; so many of them are looked at.
_SUBJECTS = 200
# So many people are offered for an action.
_OWNERS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One step from noticing to closing: what it is, what it asks for, and the line of the timeline that did it, if any."""

    title: str
    advice: str
    line: Line | None


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page of an incident shows. Lengths are in seconds; `lasted_s` is until now while it holds.

    `affected` is None where no decision can be named.
    """

    found: Detail
    agent: Agent | None
    noticed_after_s: float
    lasted_s: float
    handled_after_s: float | None
    affected: Affected | None
    steps: list[Step]
    owners: list[User]

    @property
    def closing(self) -> Line | None:
        """Return the line that closed it, None before that."""
        return self.steps[-1].line

    @property
    def done(self) -> int:
        """Return how many steps are done."""
        return sum(one.line is not None for one in self.steps)


def page(user: Any, number: int, *, now: datetime) -> Page:
    """Return an incident with what it touched. Raises `Missing` when there is none or it is out of sight."""
    found = selectors.detail(user, number)
    row = found.row
    handled = [line.at for line in found.lines if line.kind == "acknowledged"]
    return Page(
        found=found,
        agent=Agent.objects.filter(pk=found.agent_id).first() if found.agent_id else None,
        noticed_after_s=(row.opened_at - row.began_at).total_seconds(),
        lasted_s=((row.ended_at or now) - row.began_at).total_seconds(),
        handled_after_s=(handled[-1] - row.opened_at).total_seconds() if handled else None,
        affected=_affected(user, found, now),
        steps=_steps(found),
        owners=_owners(found) if found.may_act else [],
    )


def _owners(found: Detail) -> list[User]:
    agent = Agent.objects.filter(pk=found.agent_id).first() if found.agent_id else None
    held = [access.holders(right, agent).values("pk") for right in selectors.ACT]
    return list(User.objects.filter(Q(pk__in=held[0]) | Q(pk__in=held[1])).order_by("display_name")[:_OWNERS])


def _steps(found: Detail) -> list[Step]:
    # Newest first: what began again is only over when its last end is later.
    last = {line.kind: line for line in reversed(found.lines)}
    over = (last.get("contained") or last.get("ended")) if not found.row.holds else None
    first = last.get("opened") or last.get("declared")
    noticed = _("The system noticed it by itself.") if "opened" in last else _("A person declared it.")
    return [
        Step(_("Notice it"), noticed, first),
        Step(_("Somebody looks after it"), _("One person leads, and everybody sees who."), last.get("acknowledged")),
        Step(_("Mend the cause"), str(found.row.kind.advice), over),
        Step(
            _("Say what it was"),
            _("And what keeps it from coming back. This closes the incident."),
            last.get("resolved"),
        ),
    ]


def _affected(user: Any, found: Detail, now: datetime) -> Affected | None:
    row, agent_id = found.row, found.agent_id
    until = row.ended_at or now
    if row.kind.code == kinds.PARKED:
        if not row.holds:
            # What was set aside has been handed on since, and nothing says what it was.
            return None
        keys = log.parked_subjects("decision", limit=_SUBJECTS + 1)
        return affected.by_ids(user, [UUID(key) for key in keys[:_SUBJECTS]], cut=len(keys) > _SUBJECTS)
    if agent_id is None:
        return None
    if row.kind.code == kinds.DECLARED:
        return affected.in_period(user, agent_id, row.began_at, until)
    if row.kind.code == kinds.WEBHOOK:
        return affected.by_webhook(user, agent_id, UUID(found.key), row.began_at, until)
    digest = found.data.get("artifact") if row.kind.code in {kinds.ROLLED_BACK, kinds.PAUSED} else None
    return affected.by_policy(user, agent_id, digest, row.began_at, until)
