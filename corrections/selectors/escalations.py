"""Escalations as risk officers see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from agents.contracts.spec import ContractSpec
from agents.selectors import contracts, facts
from corrections.models import Correction, Escalation
from corrections.selectors import attachments, diff, impact, rights, rulings, sealed, shown, similar
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

# The tabs of the inbox and the states of the approval behind them.
STATES = {"pending": ("pending",), "returned": ("returned",), "decided": ("approved", "rejected", "withdrawn")}
_SHOWN_WITH = ("agent", "approval__decided_by", "correction__author", "correction__task", "correction__decision")


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """One escalation in the inbox; `mine`, `judged` (the case), `sealed` (see `corrections.selectors.sealed`: no answer is
    told) and `may_decide` hold for the person who asked.
    """

    id: UUID
    title: str
    case_ref: str
    agent_slug: str
    agent_name: str
    author: str
    mine: bool
    judged: bool
    sealed: bool
    may_decide: bool
    why: str
    decided: str
    corrected: str
    raised_at: datetime
    due_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many escalations there are by tab, and how the open ones fall to the person."""

    pending: int
    returned: int
    decided: int
    for_me: int
    own: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Detail:
    """An escalation with everything a second person needs to decide it."""

    row: EscalationRow
    correction_id: UUID
    task_id: UUID
    decision: facts.Facts
    spec: ContractSpec
    verdict: str
    reason: str
    justification: str
    evidence: list[shown.InputField]
    confidence: int | None
    time_spent_ms: int
    submitted_at: datetime
    changes: list[diff.Change]
    impact: list[impact.Measure]
    rules: list[dict[str, str]]
    matched: list[shown.RuleLine]
    groups: list[tuple[str, list[shown.InputField]]]
    contributions: list[shown.Contribution]
    similar: list[similar.Precedent]
    rulings: list[rulings.Ruling]
    rationale: str
    binding: str
    may_decide: bool
    why_not: str
    attachments: list[attachments.File]


def inbox(
    user: User,
    *,
    state: str = "pending",
    agent: str = "",
    query: str = "",
    for_me: bool = False,
    overdue: datetime | None = None,
    after: Sequence[str] = (),
    limit: int = 50,
) -> list[EscalationRow]:
    """Return the escalations of agents the person may see: most urgent first while open, newest first once decided.

    `state` is one of `STATES`, empty for all; `query` looks in case, author and rule; `for_me` keeps what the person may
    decide, `overdue` what was due before that moment; `after` is the keyset (instant, id) of the last row of the page before.
    """
    rows = _seen_by(user).select_related(*_SHOWN_WITH).annotate(judged=_judged(user))
    if state:
        rows = rows.filter(approval__state__in=STATES.get(state, ()))
    if agent:
        rows = rows.filter(agent__slug=agent)
    if query:
        rows = rows.annotate(asked=Cast("rules", TextField())).filter(
            Q(correction__task__title__icontains=query)
            | Q(correction__decision__case_ref__icontains=query)
            | Q(correction__author__display_name__icontains=query)
            | Q(asked__icontains=query)
        )
    if for_me:
        rows = rows.filter(agent__in=_deciding(user), judged=False)
    if overdue is not None:
        rows = rows.filter(due_at__lt=overdue)
    deciding = set(_deciding(user).values_list("pk", flat=True))
    listed = list(_ordered(rows, state, after)[:limit])
    shut = sealed.of(user, [row.correction.decision_id for row in listed])
    return [_row(row, user, deciding, shut) for row in listed]


def agents_of(user: User) -> list[tuple[str, str]]:
    """Return slug and name of the agents that have escalations the person may see, by name."""
    return list(_seen_by(user).order_by("agent__name").values_list("agent__slug", "agent__name").distinct())


def tally(user: User, *, now: datetime) -> Tally:
    """Return the counts over the inbox, in one query."""
    mine = Q(approval__state="pending", agent__in=_deciding(user)) & ~Q(_judged(user))
    return Tally(
        **_seen_by(user).aggregate(
            **{name: Count("pk", filter=Q(approval__state__in=states)) for name, states in STATES.items()},
            for_me=Count("pk", filter=mine),
            own=Count("pk", filter=Q(approval__state="pending", correction__author=user)),
            overdue=Count("pk", filter=Q(approval__state="pending", due_at__lt=now)),
        )
    )


def open_count(user: User) -> int:
    """Return how many escalations wait that the person may decide: for the navigation."""
    waiting = Escalation.objects.filter(agent__in=_deciding(user), approval__state="pending")
    return waiting.exclude(_judged(user)).count()


def detail(escalation_id: UUID, user: User, *, now: datetime) -> Detail:
    """Return an escalation with its evidence. Raises `Missing` for one the person may not know of, and `NotAllowed` while
    its case waits for a blind judgement that could be theirs.
    """
    found = (
        Escalation.objects.select_related(*_SHOWN_WITH).annotate(judged=_judged(user)).filter(pk=escalation_id).first()
    )
    if found is None or not access.can(user, "agents.view_agent", found.agent):
        raise Missing("This escalation does not exist.")
    correction = found.correction
    sealed.require_open(user, correction.decision_id)
    decision = facts.of_decision(correction.decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    groups = shown.grouped(spec, decision.input)
    precedents = similar.precedents(decision, limit=5)
    cited = set(correction.evidence)
    why_not = _why_not(found, user)
    return Detail(
        row=_row(found, user, {found.agent_id} if not why_not else set()),
        correction_id=correction.pk,
        task_id=correction.task_id,
        decision=decision,
        spec=spec,
        verdict=correction.get_verdict_display(),
        reason=next(
            (one.title for one in spec.reason_codes if one.code == correction.reason_code), correction.reason_code
        ),
        justification=correction.justification,
        evidence=[field for _, listed in groups for field in listed if field.pointer in cited],
        confidence=correction.confidence,
        time_spent_ms=correction.time_spent_ms,
        submitted_at=correction.submitted_at,
        changes=diff.changes(spec, decision.output, correction.output),
        impact=impact.of_change(spec, decision, correction.output, precedents, now=now),
        rules=list(found.rules),
        matched=[line for line in shown.rules(decision) if line.result != "false"],
        groups=groups,
        contributions=shown.contributions(spec, decision),
        similar=precedents,
        rulings=rulings.like(found, spec, limit=5),
        rationale=found.approval.rationale,
        binding=found.approval.binding,
        may_decide=not why_not,
        why_not=why_not,
        attachments=attachments.of_corrections([correction.pk]).get(correction.pk, []),
    )


def _seen_by(user: User) -> "QuerySet[Escalation]":
    return Escalation.objects.filter(agent__in=rights.visible_agents(user))


def _deciding(user: User) -> "QuerySet[Any]":
    return rights.visible_agents(user, "agents.decide_escalation")


def _judged(user: User) -> Exists:
    # The author of the correction is one of those who judged the case.
    return Exists(Correction.objects.filter(decision_id=OuterRef("correction__decision_id"), author=user))


def _ordered(rows: "QuerySet[Escalation]", state: str, after: Sequence[str]) -> "QuerySet[Escalation]":
    moment, key = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else (None, None)
    if state == "pending":
        if moment:
            rows = rows.filter(Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=key))
        return rows.order_by("due_at", "pk")
    if state:
        if moment:
            rows = rows.filter(Q(approval__decided_at__lt=moment) | Q(approval__decided_at=moment, pk__gt=key))
        return rows.order_by("-approval__decided_at", "pk")
    return rows.order_by("-raised_at", "pk")


def _why_not(row: Escalation, user: User) -> str:
    if row.approval.state != "pending":
        who = row.approval.decided_by.display_name if row.approval.decided_by else "someone"
        return f"{row.approval.get_state_display()} by {who}."
    if row.correction.author_id == user.pk:
        return "You wrote this, so someone else decides it (four-eyes)."
    if row.judged:  # type: ignore[attr-defined]
        return "You judged this case, so someone who has not decides it (four-eyes)."
    if not access.can(user, "agents.decide_escalation", row.agent):
        return "Deciding escalations of this agent is for risk officers."
    return ""


def _row(row: Escalation, user: User, deciding: set[Any], shut: Collection[UUID] = frozenset()) -> EscalationRow:
    is_sealed = row.correction.decision_id in shut
    spec = contracts.by_id(row.correction.decision.contract_id).spec
    mine = row.correction.author_id == user.pk
    judged: bool = row.judged  # type: ignore[attr-defined]
    return EscalationRow(
        id=row.pk,
        title=row.correction.task.title,
        case_ref=row.correction.decision.case_ref,
        agent_slug=row.agent.slug,
        agent_name=row.agent.name,
        author=row.correction.author.display_name,
        mine=mine,
        judged=judged,
        sealed=is_sealed,
        may_decide=row.approval.state == "pending" and row.agent_id in deciding and not judged and not is_sealed,
        # The rule that asks for a second person tells what was changed.
        why=sealed.SHORT if is_sealed else row.rules[0]["text"] if row.rules else "",
        decided="" if is_sealed else shown.outcome(spec, row.correction.decision.output),
        corrected="" if is_sealed else shown.outcome(spec, row.correction.output),
        raised_at=row.raised_at,
        due_at=row.due_at,
        state=row.approval.state,
        decided_by=row.approval.decided_by.display_name if row.approval.decided_by else "",
        decided_at=row.approval.decided_at,
    )
