"""The releases page: who decides now, and every version of an agent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from policies.models import Build, Evaluation, LearningSettings, PolicyVersion, Release
from policies.selectors import actions, rows, sources, words
from reviewapp.core import clock
from reviewapp.core.errors import Missing

_MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Serving:
    """A version with a share of the traffic; `role` is stable or canary."""

    version_id: UUID
    number: int
    share_bp: int
    role: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list."""

    id: UUID
    number: int
    state: str
    state_label: str
    tone: str
    summary: str
    learned_from: int
    gates_passed: int
    gates_total: int
    verdict: str
    verdict_label: str
    approval: str
    digest: str
    created_at: datetime
    share_bp: int


@dataclass(frozen=True, slots=True)
class Board:
    """The page."""

    agents: tuple[rows.AgentChoice, ...]
    agent: rows.AgentChoice
    contract_version: int
    serving: tuple[Serving, ...]
    decisions_last_hour: int
    new_consensus: int
    min_new_consensus: int
    auto_build: bool
    build: rows.BuildRow | None
    rows: tuple[VersionRow, ...]
    total: int
    older_than: int | None
    actions: tuple[actions.Action, ...]


def board(user: Any, agent_slug: str | None, *, before: int | None = None, limit: int = _MOST_ROWS) -> Board:
    """Return the releases of one agent, or of the first that `user` may see, newest versions first.

    `before` is a version number: only older ones are listed, at most `limit`; `older_than` is where the next page goes
    on, None at the end. Raises `Missing` when there is no agent to show.
    """
    seen = sources.visible_agents(user)
    agent = next((one for one in seen if agent_slug in {None, "", one.slug}), None)
    if agent is None:
        raise Missing("There is no agent here whose releases you may see.")
    settings = LearningSettings.objects.filter(agent_id=agent.id).first()
    build = Build.objects.select_related("version", "requested_by").filter(agent_id=agent.id).order_by("-id").first()
    serving = _serving(agent.id)
    shares = {one.version_id: one.share_bp for one in serving}
    listed = _versions(agent.id, before, limit + 1)
    shown = listed[:limit]
    return Board(
        agents=tuple(rows.AgentChoice(one.slug, one.title) for one in seen),
        agent=rows.AgentChoice(agent.slug, agent.title),
        contract_version=sources.contract(agent.id).version,
        serving=serving,
        decisions_last_hour=sources.decisions_since(agent.id, clock.now() - timedelta(hours=1)),
        new_consensus=sources.new_settled(agent.id),
        min_new_consensus=settings.min_new_consensus if settings else 0,
        auto_build=bool(settings and settings.auto_build),
        build=rows.build(build) if build else None,
        rows=tuple(_row(version, shares) for version in shown),
        total=PolicyVersion.objects.filter(agent_id=agent.id).count(),
        older_than=shown[-1].number if len(listed) > limit else None,
        actions=actions.of_board(user, agent, build),
    )


def _serving(agent_id: UUID) -> tuple[Serving, ...]:
    states = [Release.State.LIVE, Release.State.CANARY]
    found = Release.objects.select_related("version").filter(agent_id=agent_id, state__in=states)
    by_state = {release.state: release for release in found}
    live, canary = by_state.get(Release.State.LIVE), by_state.get(Release.State.CANARY)
    taken = canary.share_bp if canary else 0
    shown = []
    if live:
        shown.append(Serving(live.version_id, live.version.number, live.share_bp - taken, "stable"))
    if canary:
        shown.append(Serving(canary.version_id, canary.version.number, taken, "canary"))
    return tuple(shown)


def _versions(agent_id: UUID, before: int | None, most: int) -> list[PolicyVersion]:
    newest = Prefetch("evaluations", queryset=Evaluation.objects.order_by("-id"))
    query = (
        PolicyVersion.objects.filter(agent_id=agent_id).select_related("approval__decided_by").prefetch_related(newest)
    )
    if before is not None:
        query = query.filter(number__lt=before)
    return list(query.order_by("-number")[:most])


def _row(version: PolicyVersion, shares: dict[UUID, int]) -> VersionRow:
    label, tone = words.version(version.state)
    evaluation = next(iter(version.evaluations.all()), None)
    passed, total = words.passed(evaluation.gates) if evaluation else (0, 0)
    return VersionRow(
        id=version.pk,
        number=version.number,
        state=version.state,
        state_label=label,
        tone=tone,
        summary=version.notes.get("summary", ""),
        learned_from=int(version.notes.get("counts", {}).get("consensus", 0)),
        gates_passed=passed,
        gates_total=total,
        verdict=evaluation.verdict if evaluation else "",
        verdict_label=words.gate(evaluation.verdict)[0] if evaluation else "",
        approval=_approval(version),
        digest=version.artifact_id,
        created_at=version.created_at,
        share_bp=shares.get(version.pk, 0),
    )


def _approval(version: PolicyVersion) -> str:
    found = version.approval
    if found is None:
        return "Not asked for"
    if found.decided_by is None:
        return "Waiting for a second person"
    return f"{found.State(found.state).label} by {found.decided_by.display_name}"
