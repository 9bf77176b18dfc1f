"""Taking a version out of service for ever, whatever it does at the moment."""

from uuid import UUID

from django.db import transaction

from agents.services import revocations
from policies.models import PolicyVersion, Release
from policies.selectors import sources
from policies.services import releases, traffic
from reviewapp.core import events
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed

State = Release.State


@transaction.atomic
def revoke(*, version_id: UUID, rationale: str, by: User) -> PolicyVersion:
    """Make sure that no process serves this version again, and take it out of traffic if it is there.

    A rollout ends and the stable version takes all traffic. A version that serves is rolled back to the one it
    replaced; where there is none to go back to, the contract's terms for "unavailable" answer until another one is
    released. Raises `NotAllowed`, `Missing`, `Invalid` (no rationale) and `Conflict` (revoked already).
    """
    version = PolicyVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise Missing("There is no such policy version.")
    agent = sources.guarded(version.agent_id)
    if not access.can(by, "agents.operate_agent", agent) and not access.can(by, "agents.release_policy", agent):
        raise NotAllowed(
            "Your roles do not let you revoke a version of this agent.", extra={"permission": "agents.release_policy"}
        )
    if not rationale.strip():
        raise Invalid("Say why.", fields={"rationale": "Whoever reads the log later needs the reason."})
    traffic.lock(version.agent_id)
    if sources.revocation(version.artifact_id) is not None:
        raise Conflict("This version is revoked already.", code="revoked")
    release = Release.objects.filter(version=version, state__in=[*Release.OPEN, State.LIVE]).first()
    if release is not None:
        _take_out(release, rationale, by)
    revocations.revoke(digest=version.artifact_id, reason=rationale, by=actors.of(by))
    events.record(
        "version.revoked",
        subject=("version", str(version.pk)),
        actor=actors.of(by),
        scope=sources.agent(version.agent_id).slug,
        data={"number": version.number, "rationale": rationale},
    )
    version.refresh_from_db()
    return version


def _take_out(release: Release, rationale: str, by: User) -> None:
    try:
        releases.rollback(release_id=release.pk, rationale=rationale, by=by)
    except Conflict as fault:
        if fault.code not in {"no_target", "bad_target"}:
            raise
        _stop(release, rationale, actors.of(by))


def _stop(release: Release, rationale: str, actor: events.Actor) -> None:
    """End a serving release with nothing behind it, and the rollout that was being compared with it."""
    ending = Release.objects.filter(agent_id=release.agent_id, state__in=Release.OPEN).select_related("version")
    for one in [*ending, release]:
        traffic.close(one, State.ROLLED_BACK)
        traffic.mark(one.version, PolicyVersion.State.ROLLED_BACK)
        traffic.tell("rolled_back", one, actor, {"to": None, "rationale": rationale, "stage": one.stage})
