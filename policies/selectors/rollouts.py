"""The rollout page: stages, guards over time, business figures, log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from policies.models import GuardReading, PolicyVersion, Release
from policies.rollout import plan as plans
from policies.selectors import kpis, rows, sources, versions, words
from reviewapp.core.events import selectors as events

_MOST_POINTS = 60


@dataclass(frozen=True, slots=True)
class Point:
    """A guard's value and band at one moment."""

    at: datetime
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GuardRow:
    """A guard with its latest verdict and its way there."""

    code: str
    title: str
    verdict: str
    verdict_label: str
    tone: str
    text: str
    limit: float
    n: int
    series: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release."""

    id: UUID
    version_id: UUID
    state: str
    state_label: str
    kind: str
    kind_label: str
    stage: int
    share_bp: int
    started_at: datetime
    started_by: str
    stage_started_at: datetime
    live_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Target:
    """A version one may go back to."""

    version_id: UUID
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class RolloutPage:
    """The page; before a release begins it shows the plan."""

    header: versions.Header
    release: ReleaseRow | None
    stages: tuple[rows.StageRow, ...]
    waiting: str
    verdict: str
    verdict_label: str
    decisions_in_stage: int
    guards: tuple[GuardRow, ...]
    log: tuple[rows.LogRow, ...]
    rollback_targets: tuple[Target, ...]
    figures: kpis.Figures | None


def page(user: Any, version_id: UUID) -> RolloutPage:
    """Return the rollout page of a version. Raises `Missing` when `user` may not see its agent."""
    found = versions.load(user, version_id)
    version, release, watch = found.version, found.release, found.watch
    verdict = watch.verdict if watch else ""
    header = versions.head(user, found)
    since = release.started_at if release else None
    return RolloutPage(
        header=header,
        release=row(release) if release else None,
        stages=_stages(version, release, watch.decisions if watch else 0),
        waiting=watch.waiting if watch else "",
        verdict=verdict,
        verdict_label=words.guarded(verdict)[0] if verdict else "",
        decisions_in_stage=watch.decisions if watch else 0,
        guards=_guards(release) if release else (),
        log=_log(version),
        rollback_targets=_targets(release) if release and release.state == Release.State.LIVE else (),
        figures=kpis.figures(version.agent_id, header.number, header.replaces_number, since=since) if since else None,
    )


def row(release: Release) -> ReleaseRow:
    """Return a release as pages and the API show it."""
    return ReleaseRow(
        id=release.pk,
        version_id=release.version_id,
        state=release.state,
        state_label=words.release(release.state),
        kind=release.kind,
        kind_label=str(Release.Kind(release.kind).label),
        stage=release.stage,
        share_bp=release.share_bp,
        started_at=release.started_at,
        started_by=rows.person(release.started_by),
        stage_started_at=release.stage_started_at,
        live_at=release.live_at,
        finished_at=release.finished_at,
    )


def _stages(version: PolicyVersion, release: Release | None, decisions: int) -> tuple[rows.StageRow, ...]:
    if release is None:
        return rows.planned(version.plan)
    stages = plans.parse(release.plan) if release.plan else ()
    reached = len(stages) if release.live_at else release.stage
    made = []
    for index, stage in enumerate(stages):
        state = "done" if index < reached else "now" if index == reached and release.state in Release.OPEN else "open"
        text = f"{decisions} decisions so far" if state == "now" else "Done" if state == "done" else rows.minimum(stage)
        made.append(
            rows.StageRow(
                index,
                stage.share_bp,
                plans.percent(stage.share_bp),
                state,
                text,
                stage.min_decisions,
                stage.min_minutes,
            )
        )
    end = "now" if release.state == Release.State.LIVE else "done" if release.live_at else "open"
    return (*made, rows.whole(len(stages), end))


def _guards(release: Release) -> tuple[GuardRow, ...]:
    by_code: dict[str, list[GuardReading]] = {}
    for reading in GuardReading.objects.filter(release=release).order_by("id"):
        by_code.setdefault(reading.code, []).append(reading)
    return tuple(_guard(found) for found in by_code.values())


def _guard(found: list[GuardReading]) -> GuardRow:
    last = found[-1]
    label, tone = words.guarded(last.verdict)
    # A long rollout has many readings; evenly spaced ones draw the same line, and the last one always counts.
    step = max(1, -(-len(found) // _MOST_POINTS))
    chosen = found[(len(found) - 1) % step :: step]
    return GuardRow(
        code=last.code,
        title=last.title,
        verdict=last.verdict,
        verdict_label=label,
        tone=tone,
        text=last.text,
        limit=last.limit,
        n=last.n,
        series=tuple(Point(one.read_at, one.value, one.low, one.high) for one in chosen),
    )


def _log(version: PolicyVersion) -> tuple[rows.LogRow, ...]:
    ids = Release.objects.filter(version=version).values_list("pk", flat=True)
    subjects = [("release", str(key)) for key in ids]
    found = [rows.log(event) for event in events.of_subjects(subjects)] if subjects else []
    return tuple(reversed(found))


def _targets(release: Release) -> tuple[Target, ...]:
    served = PolicyVersion.objects.filter(agent_id=release.agent_id, state=PolicyVersion.State.SUPERSEDED).order_by(
        "-number"
    )
    served = served.exclude(artifact_id__in=sources.revoked(release.agent_id))
    return tuple(
        Target(version.pk, version.number, f"Version {version.number}: {version.notes.get('summary', '')}")
        for version in served[:20]
    )
