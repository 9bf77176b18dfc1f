"""Escalations that ask for the very same thing with little effect: those that one person may approve together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from corrections.models import Escalation
from corrections.selectors import preview, rights, sealed
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing, NotAllowed

# Each is replayed, a quarter of a second at most: what one request may ask for.
MOST = 10
# How many of the replayed decisions may get another answer, by the widest reading, for the effect to be called low.
MOST_TURNED = 5


@dataclass(frozen=True, slots=True)
class Alike:
    """An escalation beside another: `turned` decisions would be answered otherwise (None: not replayed), and why it
    cannot be approved together with that one (empty: it can).
    """

    id: UUID
    case_ref: str
    author: str
    reason_code: str
    due_at: datetime
    turned: int | None
    why_not: str


def beside(escalation_id: UUID, user: User, *, now: datetime, only: Collection[UUID] = ()) -> list[Alike]:
    """Return an escalation, first, and the others of its agent that wait, most urgent first, `MOST` at most.

    `only` asks for these alone (the first is then given only when it is among them); what the person may not know of is
    left out. Raises `Missing` for an escalation the person may not know of, `NotAllowed` while its case is sealed for them.
    """
    found = Escalation.objects.select_related("agent", "approval", "correction__author", "correction__decision")
    first = found.filter(pk=escalation_id).first()
    if first is None or not access.can(user, "agents.view_agent", first.agent):
        raise Missing("This escalation does not exist.")
    if only:
        listed = list(found.filter(pk__in=only, agent__in=rights.visible_agents(user)).order_by("due_at", "pk")[:MOST])
    else:
        waiting = found.filter(agent=first.agent, approval__state="pending").exclude(pk=first.pk)
        listed = [first, *waiting.order_by("due_at", "pk")[: MOST - 1]]
    # What is sealed for the person is left out: that it is alike would tell its answer.
    shut = sealed.of(user, [one.correction.decision_id for one in (first, *listed)])
    if first.correction.decision_id in shut:
        raise NotAllowed(sealed.WAITS, code="blind")
    return [_beside(first, one, user, now) for one in listed if one.correction.decision_id not in shut]


def wait_beside(escalation_id: UUID, user: User) -> bool:
    """Say whether others of the same agent, contract and reason wait that might be approved together with this one."""
    own = Escalation.objects.filter(pk=escalation_id).values_list(
        "agent", "correction__reason_code", "correction__decision__contract"
    )
    if (found := own.first()) is None:
        return False
    agent, reason, contract = found
    others = Escalation.objects.filter(
        agent=agent, approval__state="pending", correction__reason_code=reason, correction__decision__contract=contract
    )
    return others.filter(agent__in=rights.visible_agents(user)).exclude(pk=escalation_id).exists()


def _beside(first: Escalation, one: Escalation, user: User, now: datetime) -> Alike:
    why_not, turned = _differs(first, one) or _barred(one, user), None
    if not why_not:
        turned, why_not = _effect(one, user, now)
    return Alike(
        id=one.pk,
        case_ref=one.correction.decision.case_ref,
        author=one.correction.author.display_name,
        reason_code=one.correction.reason_code,
        due_at=one.due_at,
        turned=turned,
        why_not=why_not,
    )


def _differs(first: Escalation, one: Escalation) -> str:
    if one.agent_id != first.agent_id:
        return _("It belongs to another agent.")
    if one.correction.reason_code != first.correction.reason_code:
        return _("Its reason is another one.")
    if _change(one) != _change(first):
        return _("It changes the answer in another way.")
    return ""


def _change(one: Escalation) -> tuple[Any, ...]:
    # The contract is part of it: the same words can mean something else under another version.
    before, after = one.correction.decision.output or {}, one.correction.output or {}
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    changed = [(name, before.get(name), after.get(name)) for name in names]
    return one.correction.decision.contract_id, one.correction.verdict, changed


def _barred(one: Escalation, user: User) -> str:
    if one.approval.state != "pending":
        return _("It has been decided already.")
    if not access.can(user, "agents.decide_escalation", one.agent):
        return _("Deciding escalations of this agent is for risk officers.")
    if one.correction.author_id == user.pk or rights.has_judged(user, one.correction.decision_id):
        return _("You judged this case, so someone who has not decides it (four-eyes).")
    return ""


def _effect(one: Escalation, user: User, now: datetime) -> tuple[int | None, str]:
    replay = preview.of_escalation(one.pk, user, now=now)
    if replay.fault or not replay.replayed:
        return None, replay.fault or _(
            "No decision could be replayed, so its effect is not known. Decide it by itself."
        )
    turned = max((reading.turned for reading in replay.readings), default=0)
    if turned > MOST_TURNED:
        said = _("It would answer %(turned)d decisions otherwise, more than %(most)d. Decide it by itself.")
        return turned, said % {"turned": turned, "most": MOST_TURNED}
    return turned, ""
