"""What may be done with a version now, by whom, and why not: shown before anything is pressed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.evaluation import gates
from policies.models import Build, Evaluation, PolicyVersion, Release
from policies.selectors import sources
from reviewapp.core.accounts import access

State = PolicyVersion.State
# What was approved once could be released, or gone back to; before that nothing needs to be revoked.
_SERVABLE = {State.APPROVED, State.RELEASING, State.LIVE, State.SUPERSEDED, State.ROLLED_BACK}


@dataclass(frozen=True, slots=True)
class Action:
    """A button. When it is not allowed, `why_not` stands beside it."""

    code: str
    label: str
    allowed: bool
    why_not: str


def of_version(
    user: Any, version: PolicyVersion, evaluation: Evaluation | None, release: Release | None, waiting: str
) -> tuple[Action, ...]:
    """Return the actions that the version's state offers, each allowed or with the reason why not."""
    return tuple(_of_version(user, version, evaluation, release, waiting))


def of_board(user: Any, agent: sources.AgentRef, build: Build | None) -> tuple[Action, ...]:
    """Return what may be done for the agent as a whole: asking for a build."""
    reason = _right(user, "build_policy", agent, "build policy versions")
    if not reason and build is not None and build.state in Build.OPEN:
        reason = "A build is under way already."
    return (Action("build", "Build from accepted corrections", not reason, reason),)


def _of_version(
    user: Any, version: PolicyVersion, evaluation: Evaluation | None, release: Release | None, waiting: str
) -> Iterator[Action]:
    agent = sources.agent(version.agent_id)
    revoked = sources.revoked(version.agent_id)
    if version.state == State.EVALUATED:
        reason = _right(user, "build_policy", agent, "submit policy versions") or _failed(evaluation)
        yield Action("submit", "Submit for approval", not reason, reason)
    if version.state == State.SUBMITTED:
        reason = _right(user, "approve_policy", agent, "approve policy versions") or _own(user, version)
        against = _failed(evaluation)
        yield Action("approve", "Approve", not (reason or against), reason or against)
        yield Action("return", "Send back", not reason, reason)
        yield Action("reject", "Reject", not reason, reason)
        if version.submitted_by_id == getattr(user, "pk", None):
            yield Action("withdraw", "Withdraw", allowed=True, why_not="")
    if version.state == State.APPROVED:
        reason = _right(user, "release_policy", agent, "release policy versions")
        if not reason and version.artifact_id in revoked:
            reason = "It was revoked."
        if not reason and Release.objects.filter(agent_id=version.agent_id, state__in=Release.OPEN).exists():
            reason = "Another version of this agent is in rollout."
        yield Action("release", "Start rollout", not reason, reason)
    if release is not None:
        yield from _of_release(user, agent, release, waiting, revoked)
    if version.state in _SERVABLE and version.artifact_id not in revoked:
        reason = _stopper(user, agent)
        yield Action("revoke", "Revoke for ever", not reason, reason)


def _of_release(
    user: Any, agent: sources.AgentRef, release: Release, waiting: str, revoked: frozenset[str]
) -> Iterator[Action]:
    mover = _right(user, "release_policy", agent, "release policy versions")
    stopper = _stopper(user, agent)
    if release.state == Release.State.CANARY:
        late = f"Not available yet: {waiting}." if waiting else ""
        last = release.stage + 1 >= len(release.plan)
        label = "Serve all traffic" if last else f"Advance to {release.plan[release.stage + 1]['share_bp'] / 100:g} %"
        yield Action("advance", label, not (mover or late), mover or late)
        yield Action("pause", "Pause", not stopper, stopper)
    if release.state == Release.State.PAUSED:
        yield Action("resume", "Resume", not mover, mover)
    if release.state in Release.OPEN:
        yield Action("rollback", _back_label(release), not stopper, stopper)
    if release.state == Release.State.LIVE:
        served = PolicyVersion.objects.filter(agent_id=release.agent_id, state=State.SUPERSEDED)
        served = served.exclude(artifact_id__in=revoked)
        ways = set(served.values_list("pk", flat=True))
        if ways or release.replaces_id:
            reason = stopper or ("" if ways else "No version that served before can be gone back to.")
            yield Action(
                "rollback", _back_label(release) if release.replaces_id in ways else "Roll back", not reason, reason
            )


def _stopper(user: Any, agent: sources.AgentRef) -> str:
    """Return why `user` may not take a version out of traffic; operators may, and whoever releases."""
    mover = _right(user, "release_policy", agent, "release policy versions")
    return mover if mover and _right(user, "operate_agent", agent, "") else ""


def _back_label(release: Release) -> str:
    return f"Roll back to version {release.replaces.number}" if release.replaces else "Roll back"


def _right(user: Any, codename: str, agent: sources.AgentRef, words: str) -> str:
    if access.can(user, f"agents.{codename}", sources.guarded(agent.id)):
        return ""
    return f"Your roles do not let you {words} of this agent."


def _own(user: Any, version: PolicyVersion) -> str:
    if user.pk == version.submitted_by_id:
        return "You submitted this version, so someone else decides (four-eyes)."
    if user.pk == version.built_by_id:
        return "You had this version built, so someone else decides (four-eyes)."
    return ""


def _failed(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return "It has not been evaluated yet."
    failed = [gate["title"] for gate in evaluation.gates if gate["verdict"] == gates.FAIL]
    return f"A failed gate stops this version: {', '.join(failed)}." if failed else ""
