"""One policy version: what heads its pages, and what it changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from policies.learning import explain
from policies.models import Evaluation, PolicyVersion, Release, Snapshot
from policies.selectors import actions, deciders, guarding, rows, sources, words
from reviewapp.core import clock
from reviewapp.core.approvals import selectors as approvals
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above all four pages of a version."""

    id: UUID
    agent: rows.AgentChoice
    number: int
    state: str
    state_label: str
    tone: str
    digest: str
    created_at: datetime
    built_by: str
    origin: str
    learned_from: int
    parent_number: int | None
    parent_id: UUID | None
    replaces_number: int | None
    replaces_id: UUID | None
    share_bp: int
    release_id: UUID | None
    release_state: str
    actions: tuple[actions.Action, ...]
    revoked: sources.Revoked | None
    distrust: str


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """What a version was learned from."""

    id: UUID
    digest: str
    rows: int
    cutoff: datetime


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """What a version changes against the one it was built upon."""

    header: Header
    summary: str
    lines: tuple[str, ...]
    changes: tuple[explain.Change, ...]
    unchanged_rules: int
    counts: dict[str, int]
    flips: dict[str, int]
    learner: str
    seed: int
    snapshot: SnapshotRow | None
    approval: approvals.ApprovalRow | None
    deciders: tuple[str, ...]
    plan: tuple[rows.StageRow, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version with everything its pages need, in few queries."""

    version: PolicyVersion
    evaluation: Evaluation | None
    release: Release | None
    serving: Release | None
    watch: guarding.Watch | None


def header(user: Any, version_id: UUID) -> Header:
    """Return the head of a version's pages. Raises `Missing` when `user` may not see its agent."""
    return head(user, load(user, version_id))


def changes(user: Any, version_id: UUID) -> ChangesPage:
    """Return what a version changes, in words and numbers. Raises `Missing` as `header` does."""
    found = load(user, version_id)
    version = found.version
    before = sources.policy(version.parent.artifact_id).body if version.parent else None
    after = sources.policy(version.artifact_id).body
    listed = explain.changes(before, after)
    touched = {change.ref for change in listed if change.area in {"rule", "exception"} and change.kind != "removed"}
    clauses = [*after.get("guardrails", ()), *after.get("exceptions", ())]
    notes = version.notes
    settings_plan = version.plan or sources.default_plan(version.agent_id)
    return ChangesPage(
        header=head(user, found),
        summary=notes.get("summary", ""),
        lines=tuple(notes.get("lines", ())),
        changes=listed,
        unchanged_rules=sum(clause["id"] not in touched for clause in clauses),
        counts=dict(notes.get("counts", {})),
        flips=dict(notes.get("flips", {})),
        learner=version.learner,
        seed=version.seed,
        snapshot=_snapshot(version.snapshot),
        approval=next(iter(approvals.of_subject("version", str(version.pk))), None),
        deciders=deciders.names(version),
        plan=rows.planned(settings_plan),
    )


def load(user: Any, version_id: UUID) -> Loaded:
    """Load a version with its evaluation and releases. Raises `Missing` when `user` may not see its agent."""
    version = (
        PolicyVersion.objects.select_related("snapshot", "parent", "approval", "built_by", "submitted_by")
        .filter(pk=version_id)
        .first()
    )
    if version is None or not sources.may_view(user, version.agent_id):
        raise Missing("There is no such policy version.")
    releases = list(
        Release.objects.select_related("version", "replaces").filter(agent_id=version.agent_id).order_by("-id")[:50]
    )
    own = next((release for release in releases if release.version_id == version.pk), None)
    serving = next((release for release in releases if release.state == Release.State.LIVE), None)
    return Loaded(
        version=version,
        evaluation=version.evaluations.select_related("baseline").order_by("-id").first(),
        release=own,
        serving=serving,
        watch=guarding.read(own, clock.now()) if own is not None and own.state in Release.OPEN else None,
    )


def head(user: Any, found: Loaded) -> Header:
    """Return the head of a loaded version's pages."""
    version, release = found.version, found.release
    agent = sources.agent(version.agent_id)
    label, tone = words.version(version.state)
    serving = found.serving.version if found.serving else None
    replaces = release.replaces if release else serving
    if replaces is not None and replaces.pk == version.pk:
        replaces = None
    return Header(
        id=version.pk,
        agent=rows.AgentChoice(agent.slug, agent.title),
        number=version.number,
        state=version.state,
        state_label=label,
        tone=tone,
        digest=version.artifact_id,
        created_at=version.created_at,
        built_by=rows.person(version.built_by) or "Scheduler",
        origin=str(PolicyVersion.Origin(version.origin).label),
        learned_from=int(version.notes.get("counts", {}).get("consensus", 0)),
        parent_number=version.parent.number if version.parent else None,
        parent_id=version.parent_id,
        replaces_number=replaces.number if replaces else None,
        replaces_id=replaces.pk if replaces else None,
        share_bp=_share(found),
        release_id=release.pk if release else None,
        release_state=release.state if release else "",
        actions=actions.of_version(
            user, version, found.evaluation, release, found.watch.waiting if found.watch else ""
        ),
        revoked=sources.revocation(version.artifact_id),
        distrust=sources.distrust(version.artifact_id, agent.slug),
    )


def _share(found: Loaded) -> int:
    """Return the traffic the version has: what a canary takes is not left for the serving version."""
    release = found.release
    if release is None:
        return 0
    if release.state != Release.State.LIVE:
        return release.share_bp
    return release.share_bp - sources.canary_share(release.agent_id)


def _snapshot(found: Snapshot | None) -> SnapshotRow | None:
    return SnapshotRow(found.pk, found.digest, found.rows, found.cutoff) if found else None
