"""Rows that several pages share."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policies.models import Build
from policies.rollout import plan as plans
from policies.selectors import words
from reviewapp.core.accounts.models import User
from reviewapp.core.events.selectors import EventRow


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """An agent whose releases the reader may see."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class BuildRow:
    """A build."""

    id: UUID
    state: str
    state_label: str
    reason: str
    progress: str
    error: str
    requested_by: str
    created_at: datetime
    finished_at: datetime | None
    version_id: UUID | None
    version_number: int | None


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage of a plan; `state` is done, now or open, or planned before a release began."""

    index: int
    share_bp: int
    percent: str
    state: str
    text: str
    min_decisions: int
    min_minutes: int


@dataclass(frozen=True, slots=True)
class LogRow:
    """Something that happened, in words."""

    at: datetime
    kind: str
    title: str
    who: str
    who_kind: str
    text: str


def build(row: Build) -> BuildRow:
    """Return a build as pages show it; `version` and `requested_by` must be loaded."""
    return BuildRow(
        id=row.pk,
        state=row.state,
        state_label=words.build(row.state),
        reason=row.reason,
        progress=row.progress,
        error=row.error,
        requested_by=person(row.requested_by) or "Scheduler",
        created_at=row.created_at,
        finished_at=row.finished_at,
        version_id=row.version_id,
        version_number=row.version.number if row.version else None,
    )


def planned(raw: list[dict[str, int]]) -> tuple[StageRow, ...]:
    """Return the stages of a plan that has not begun, with all traffic at the end."""
    stages = [_stage(at, stage) for at, stage in enumerate(plans.parse(raw))] if raw else []
    return (*stages, whole(len(stages), "open"))


def whole(index: int, state: str) -> StageRow:
    """Return the end of every plan: all traffic."""
    return StageRow(index, plans.WHOLE, plans.percent(plans.WHOLE), state, "All traffic", 0, 0)


def _stage(index: int, stage: plans.Stage) -> StageRow:
    return StageRow(
        index=index,
        share_bp=stage.share_bp,
        percent=plans.percent(stage.share_bp),
        state="open",
        text=minimum(stage),
        min_decisions=stage.min_decisions,
        min_minutes=stage.min_minutes,
    )


def minimum(stage: plans.Stage) -> str:
    """Return what a stage asks for at least, in words."""
    parts = []
    if stage.min_decisions:
        parts.append(f"{stage.min_decisions} decisions")
    if stage.min_minutes:
        parts.append(plans.duration(stage.min_minutes))
    return f"At least {' and '.join(parts)}" if parts else "No minimum"


def person(user: User | None) -> str:
    """Return a person's name, or nothing for nobody."""
    return user.display_name if user is not None else ""


_TITLES = {
    "build.requested": "Build asked for",
    "build.started": "Build started",
    "build.finished": "Build finished",
    "build.failed": "Build failed",
    "snapshot.frozen": "Training snapshot frozen",
    "version.built": "Version {number} built",
    "version.evaluated": "Version {number} evaluated: {verdict}",
    "version.submitted": "Version {number} submitted for approval",
    "version.approved": "Version {number} approved",
    "version.rejected": "Version {number} rejected",
    "version.returned": "Version {number} sent back",
    "version.withdrawn": "Submission of version {number} withdrawn",
    "version.revoked": "Version {number} revoked",
    "release.started": "Rollout started",
    "release.advanced": "Advanced to the next stage",
    "release.paused": "Paused",
    "release.resumed": "Resumed",
    "release.rolled_back": "Rolled back",
    "release.live": "Serves all traffic",
}

_DECIDED = {"version.approved", "version.rejected", "version.returned", "version.withdrawn"}


def log(event: EventRow, rationales: dict[str, str] | None = None) -> LogRow:
    """Return an event in words; `rationales` maps approval ids to what their decider wrote."""
    data = event.data
    title = _TITLES.get(event.type, event.type).format(number=data.get("number", ""), verdict=data.get("verdict", ""))
    if event.type in {"release.started", "release.advanced", "release.resumed"} and data.get("share_bp"):
        title = f"{title.partition(' to the')[0]} at {plans.percent(int(data['share_bp']))}"
    text = str(data.get("rationale") or data.get("reason") or data.get("error") or "")
    if not text and rationales and event.type in _DECIDED:
        text = rationales.get(str(data.get("approval", "")), "")
    return LogRow(event.at, event.type, title, event.actor_label, event.actor_kind, text)
