"""Bringing an approved version into traffic by stages, and out of it at once."""

from uuid import UUID

from django.db import transaction

from policies.models import PolicyVersion, Release
from policies.rollout import guard
from policies.selectors import guarding, sources
from policies.services import traffic, versions
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals.models import ApprovalRequest
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed

State = Release.State
Version = PolicyVersion.State


@transaction.atomic
def start(*, version_id: UUID, by: User) -> Release:
    """Release an approved version to the first stage of its plan.

    An agent's first version serves at once, and so does the first under a new contract: what was agreed upon with the
    agent cannot hold for a share of its requests.

    The approval is checked again here: it must be about exactly this artifact, evaluation and plan. Raises
    `NotAllowed`, `Missing`, `Conflict` (not approved, changed since, a gate failed since, another rollout is open).
    """
    version = _version(version_id)
    access.require(by, "agents.release_policy", sources.guarded(version.agent_id))
    traffic.lock(version.agent_id)
    if version.state != Version.APPROVED or version.approval is None:
        raise Conflict("Only an approved version can be released.", code="not_approved", extra={"state": version.state})
    evaluation = versions.latest_evaluation(version)
    versions.refuse_failed(evaluation)
    if version.approval.state != "approved" or version.approval.binding != versions.binding(version, evaluation):
        raise Conflict("The approval is about something else than what would be released.", code="binding_changed")
    if sources.revocation(version.artifact_id) is not None:
        raise Conflict("This version was revoked. Build another one.", code="revoked")
    if Release.objects.filter(agent_id=version.agent_id, state__in=Release.OPEN).exists():
        raise Conflict("Another version of this agent is in rollout. End that first.", code="release_open")
    live = traffic.live(version.agent_id)
    staged = live is not None and _same_contract(live.version, version)
    if live is not None and not staged:
        traffic.close(live, State.SUPERSEDED)
        traffic.mark(live.version, Version.SUPERSEDED)
    now = clock.now()
    release = Release.objects.create(
        agent_id=version.agent_id,
        version=version,
        replaces=live.version if live else None,
        kind=Release.Kind.STAGED if staged else Release.Kind.WHOLE,
        plan=version.plan,
        state=State.CANARY if staged else State.LIVE,
        salt=str(ids.uuid7()),
        approval=version.approval,
        started_at=now,
        started_by=by,
        stage_started_at=now,
        live_at=None if staged else now,
    )
    traffic.mark(version, Version.RELEASING if staged else Version.LIVE)
    actor = actors.of(by)
    traffic.serve(release, actor)
    traffic.tell("started", release, actor, {"share_bp": release.share_bp, "stage": 0})
    if not staged:
        traffic.tell("live", release, actor, {})
    return release


@transaction.atomic
def advance(*, release_id: UUID, by: User, rationale: str = "", from_stage: int | None = None) -> Release:
    """Go to the next stage, or to all traffic after the last one.

    A person may advance on evidence that is thin, never before the stage's minimum or against a guard that says worse.
    `from_stage` is the stage they saw: pressing twice must not go on twice. Raises `NotAllowed`, `Missing`, `Conflict`
    (not in rollout, another stage by now, minimum not reached, a guard rolls back).
    """
    release = _open(release_id)
    access.require(by, "agents.release_policy", sources.guarded(release.agent_id))
    if from_stage is not None and from_stage != release.stage:
        raise Conflict("This rollout is at another stage by now. Look again, then decide.", code="stage_moved")
    if release.state != State.CANARY:
        raise Conflict("This rollout is paused. Resume it first.", code="wrong_state", extra={"state": release.state})
    found = guarding.read(release, clock.now())
    if found.waiting:
        raise Conflict(
            f"This stage is not over: {found.waiting}.", code="stage_not_over", extra={"waiting": found.waiting}
        )
    if found.verdict == guard.ROLL_BACK:
        texts = [one.text for one in found.readings if one.verdict == guard.ROLL_BACK]
        raise Conflict(f"A guard says to roll back: {' '.join(texts)}", code="guard_refuses")
    actor = actors.of(by)
    if release.stage + 1 < len(release.plan):
        release.stage += 1
        release.stage_started_at = clock.now()
        release.save(update_fields=["stage", "stage_started_at"])
        traffic.serve(release, actor)
        traffic.tell(
            "advanced",
            release,
            actor,
            {"stage": release.stage, "share_bp": release.share_bp, "rationale": rationale},
        )
    else:
        _go_live(release, actor, rationale)
    return release


@transaction.atomic
def pause(*, release_id: UUID, rationale: str, by: User) -> Release:
    """Send all traffic to the stable version for now; the rollout keeps its stage. Raises as `advance` does."""
    release = _open(release_id)
    _may_stop(release, by)
    if release.state != State.CANARY:
        raise Conflict("This rollout is paused already.", code="wrong_state")
    return _switch(release, State.PAUSED, "paused", rationale, by)


@transaction.atomic
def resume(*, release_id: UUID, rationale: str, by: User) -> Release:
    """Give a paused rollout its share again. Raises as `advance` does."""
    release = _open(release_id)
    access.require(by, "agents.release_policy", sources.guarded(release.agent_id))
    if release.state != State.PAUSED:
        raise Conflict("This rollout is not paused.", code="wrong_state")
    return _switch(release, State.CANARY, "resumed", rationale, by)


@transaction.atomic
def rollback(*, release_id: UUID, rationale: str, by: User, to_version_id: UUID | None = None) -> Release:
    """Take a version out of traffic in one call, and return the release that serves now.

    A rollout goes back to the stable version. A serving version goes back to `to_version_id`, any version that was
    approved and has served before, or to the one it replaced. No new approval is needed to go back, and nothing is
    waited for. Raises `NotAllowed`, `Missing`, `Invalid` (no rationale), `Conflict` (nothing to go back to).
    """
    if not rationale.strip():
        raise Invalid("Say why.", fields={"rationale": "Whoever reads the log later needs the reason."})
    release = Release.objects.select_related("version", "replaces").filter(pk=release_id).first()
    if release is None:
        raise Missing("There is no such release.")
    _may_stop(release, by)
    traffic.lock(release.agent_id)
    release.refresh_from_db()
    actor = actors.of(by)
    if release.state in Release.OPEN:
        return traffic.undo(release, rationale, actor)
    if release.state != State.LIVE:
        raise Conflict("This release is over: there is nothing to roll back.", code="wrong_state")
    target, approval = _target(release, to_version_id)
    return _go_back(release, target, approval, rationale, by)


def _same_contract(one: PolicyVersion, other: PolicyVersion) -> bool:
    return sources.policy(one.artifact_id).contract_digest == sources.policy(other.artifact_id).contract_digest


def _go_live(release: Release, actor: events.Actor, rationale: str) -> None:
    before = traffic.live(release.agent_id)
    if before is not None:
        traffic.close(before, State.SUPERSEDED)
        traffic.mark(before.version, Version.SUPERSEDED)
    release.state, release.live_at = State.LIVE, clock.now()
    release.save(update_fields=["state", "live_at"])
    traffic.mark(release.version, Version.LIVE)
    traffic.serve(release, actor)
    traffic.tell("live", release, actor, {"rationale": rationale})


def _go_back(release: Release, target: PolicyVersion, approval: ApprovalRequest, rationale: str, by: User) -> Release:
    actor = actors.of(by)
    opened = Release.objects.filter(agent_id=release.agent_id, state__in=Release.OPEN).select_related("version").first()
    if opened is not None:
        # It was being compared with the version that goes: its evidence means nothing any more.
        traffic.close(opened, State.ROLLED_BACK)
        traffic.mark(opened.version, Version.ROLLED_BACK)
        traffic.tell(
            "rolled_back", opened, actor, {"to": str(target.pk), "rationale": rationale, "stage": opened.stage}
        )
    traffic.close(release, State.ROLLED_BACK)
    traffic.mark(release.version, Version.ROLLED_BACK)
    now = clock.now()
    back = Release.objects.create(
        agent_id=release.agent_id,
        version=target,
        replaces=release.version,
        kind=Release.Kind.ROLLBACK,
        plan=[],
        state=State.LIVE,
        salt=str(ids.uuid7()),
        approval=approval,
        started_at=now,
        started_by=by,
        stage_started_at=now,
        live_at=now,
    )
    traffic.mark(target, Version.LIVE)
    traffic.serve(back, actor)
    traffic.tell("rolled_back", release, actor, {"to": str(target.pk), "rationale": rationale, "stage": release.stage})
    traffic.tell("live", back, actor, {"rationale": rationale})
    return back


def _target(release: Release, to_version_id: UUID | None) -> tuple[PolicyVersion, ApprovalRequest]:
    wanted = to_version_id or release.replaces_id
    if wanted is None:
        raise Conflict("No version served before this one. Stop the agent instead.", code="no_target")
    target = PolicyVersion.objects.select_for_update().filter(pk=wanted, agent_id=release.agent_id).first()
    if target is None:
        raise Missing("There is no such policy version.")
    if target.state != Version.SUPERSEDED or target.approval is None:
        raise Conflict(
            f"Version {target.number} cannot be gone back to: it is {Version(target.state).label.lower()}.",
            code="bad_target",
        )
    if sources.revocation(target.artifact_id) is not None:
        raise Conflict(f"Version {target.number} cannot be gone back to: it was revoked.", code="bad_target")
    return target, target.approval


def _switch(release: Release, state: str, action: str, rationale: str, by: User) -> Release:
    release.state = state
    release.save(update_fields=["state"])
    actor = actors.of(by)
    traffic.serve(release, actor)
    traffic.tell(action, release, actor, {"rationale": rationale, "stage": release.stage, "share_bp": release.share_bp})
    return release


def _open(release_id: UUID) -> Release:
    release = Release.objects.select_related("version", "replaces").filter(pk=release_id).first()
    if release is None:
        raise Missing("There is no such release.")
    traffic.lock(release.agent_id)
    release.refresh_from_db()
    if release.state not in Release.OPEN:
        now = State(release.state).label.lower()
        raise Conflict(
            f"This release is not in rollout: it is {now}.", code="wrong_state", extra={"state": release.state}
        )
    return release


def _may_stop(release: Release, by: User) -> None:
    agent = sources.guarded(release.agent_id)
    if not access.can(by, "agents.operate_agent", agent) and not access.can(by, "agents.release_policy", agent):
        raise NotAllowed(
            "Your roles do not let you stop a rollout of this agent.", extra={"permission": "agents.release_policy"}
        )


def _version(version_id: UUID) -> PolicyVersion:
    found = (
        PolicyVersion.objects.select_for_update(of=("self",)).select_related("approval").filter(pk=version_id).first()
    )
    if found is None:
        raise Missing("There is no such policy version.")
    return found
