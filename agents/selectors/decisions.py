"""Decisions in pages by keyset, and one with all its facts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from agents.models import Agent, Amendment, Decision, Resolution
from agents.selectors import answers, contracts, sealed, visible
from agents.selectors.contracts import Published
from reviewapp.core import ids
from reviewapp.core.errors import Missing

# (value, words) of every status, in the order of how much attention it asks for.
STATUSES = Decision.Status.choices


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision in a list. `sealed`: its answer is kept from the asker, who shall judge without it. `resolved` is None while it waits, and for automatic ones the time of the decision."""

    id: UUID
    agent_slug: str
    agent_name: str
    title: str
    case_ref: str
    action: str
    sealed: bool
    status: str
    status_label: str
    confidence: float | None
    policy_version: int | None
    arm: str
    decided_at: datetime
    resolved_at: datetime | None
    resolution_source: str
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of decisions, newest first; `after` is the key that continues it, None at the end."""

    rows: list[DecisionRow]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Detail:
    """A decision with the contract it was made under and what became of it; `outcome` is the payload of every channel."""

    decision: Decision
    agent: Agent
    contract: Published
    resolution: Resolution | None
    answer: dict[str, Any] | None
    outcome: dict[str, Any] | None


def page(asker: Any, *, agent: str = "", status: str = "", after: UUID | None = None, size: int | None = None) -> Page:
    """Return a page of the decisions the asker may see, newest first, older than `after`.

    Keyset, not offset: the thousandth page costs what the first does. Raises `Missing` for an agent out of sight.
    """
    size = size or settings.PAGE_SIZE
    agents = [visible.agent(asker, agent)] if agent else visible.agents(asker)
    names = {one.pk: one for one in agents}
    query = _listed(names)
    if status in Decision.Status.values:
        query = query.filter(status=status)
    found = list(_older(query, after).order_by("-id")[: size + 1])
    kept = sealed.of(asker, [one.pk for one in found[:size]])
    rows = [_row(one, names[one.agent_id], sealed=one.pk in kept) for one in found[:size]]
    return Page(rows, rows[-1].id if len(found) > size else None)


def search(
    asker: Any,
    *,
    agent: str = "",
    status: str = "",
    version: int | None = None,
    ref: str = "",
    within: "QuerySet[Any] | None" = None,
    since: datetime | None = None,
    before: datetime | None = None,
    after: UUID | None = None,
    size: int,
) -> Page:
    """Return a page of the decisions that fit, newest first; `within` are ids they must be among, `before` is not included.

    What tells a sealed answer finds none: of the sealed ones only their input is known to the asker. Raises `Missing` for
    an agent out of sight.
    """
    agents = [visible.agent(asker, agent)] if agent else visible.agents(asker)
    names = {one.pk: one for one in agents}
    query = _listed(names)
    wanted = {"status": status, "case_ref": ref}
    query = query.filter(**{name: value for name, value in wanted.items() if value})
    if version is not None:
        query = query.filter(policy_version=version)
    if within is not None:
        query = query.filter(pk__in=within)
    # Ids begin with their time: a stretch of days is a stretch of the index, and of the months.
    if since:
        query = query.filter(pk__gte=ids.uuid7_floor(since))
    if before:
        query = query.filter(pk__lt=ids.uuid7_floor(before))
    found = list(_older(query, after).order_by("-id")[: size + 1])
    kept = sealed.of(asker, [one.pk for one in found[:size]])
    telling = bool(status) or version is not None
    rows = [
        _row(one, names[one.agent_id], sealed=one.pk in kept)
        for one in found[:size]
        if not (telling and one.pk in kept)
    ]
    return Page(rows, found[size - 1].pk if len(found) > size else None)


def detail(asker: Any, decision_id: UUID, *, agent: str = "") -> Detail:
    """Return one decision. Raises `Missing` when it is unknown, another agent's, or out of the asker's
    sight, and `NotAllowed` while they shall judge it without its answer."""
    found = Decision.objects.select_related("agent", "resolution").filter(pk=decision_id).first()
    if found is None or (agent and found.agent.slug != agent) or not visible.may_view(asker, found.agent):
        raise Missing("There is no such decision.")
    sealed.require_open(asker, found.pk)
    resolution = _resolution(found)
    return Detail(
        decision=found,
        agent=found.agent,
        contract=contracts.by_id(found.contract_id),
        resolution=resolution,
        answer=answers.resolution_of(found, resolution),
        outcome=answers.outcome(found, resolution, found.agent.slug),
    )


def resolved(decision_ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what these decisions came to, those that came to something, in one query: the payload of every channel."""
    rows = Decision.objects.select_related("resolution", "agent").filter(pk__in=decision_ids)
    found = {row.pk: answers.outcome(row, _resolution(row), row.agent.slug) for row in rows}
    return {key: answer for key, answer in found.items() if answer is not None}


def _listed(agent_ids: Collection[UUID]) -> QuerySet[Decision]:
    # What people said last, where they said something else after their answer had been given.
    amended = Amendment.objects.filter(resolution__decision=OuterRef("pk")).order_by("-number")
    void = amended.annotate(void=ExpressionWrapper(Q(output__isnull=True), BooleanField())).values("void")[:1]
    return Decision.objects.select_related("resolution").filter(agent_id__in=agent_ids).annotate(void=Subquery(void))


def _older(query: QuerySet[Decision], after: UUID | None) -> QuerySet[Decision]:
    return query.filter(pk__lt=after) if after else query


def _resolution(row: Decision) -> Resolution | None:
    # Django's reverse one-to-one raises where there is nothing; select_related has fetched it either way.
    found: Resolution | None = getattr(row, "resolution", None)
    return found


def _row(row: Decision, agent: Agent, *, sealed: bool) -> DecisionRow:
    contract = contracts.by_id(row.contract_id).spec
    resolution = _resolution(row)
    automatic = row.status == Decision.Status.AUTO
    return DecisionRow(
        id=row.pk,
        agent_slug=agent.slug,
        agent_name=agent.name,
        title=contract.case_title(row.input),
        case_ref=row.case_ref,
        action="" if sealed else str((row.output or {}).get(contract.action_field, "")),
        sealed=sealed,
        status=row.status,
        status_label=Decision.Status(row.status).label,
        confidence=None if sealed else row.confidence,
        policy_version=row.policy_version,
        arm=row.arm,
        decided_at=row.decided_at,
        resolved_at=resolution.resolved_at if resolution else row.decided_at if automatic else None,
        resolution_source=Resolution.Source(resolution.source).label if resolution else "",
        taken_back=bool(row.void),  # type: ignore[attr-defined]
    )
