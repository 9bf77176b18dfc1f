"""What a release does to traffic: its share, the serving slot, and the state that follows."""

from typing import Any
from uuid import UUID

from agents.services import slots
from policies.models import LearningSettings, PolicyVersion, Release
from policies.selectors import sources
from reviewapp.core import clock, events
from reviewapp.core.errors import Conflict

State = Release.State
Version = PolicyVersion.State


def undo(release: Release, rationale: str, actor: events.Actor) -> Release:
    """End an open rollout and give all traffic to the stable version; return the release that serves.

    For guards, which act as the system, and for `rollback`. The caller holds the agent's lock and a transaction.
    """
    close(release, State.ROLLED_BACK)
    mark(release.version, Version.ROLLED_BACK)
    stable = live(release.agent_id)
    if stable is None:
        raise Conflict("There is no stable version to go back to.", code="no_stable")
    serve(stable, actor)
    tell("rolled_back", release, actor, {"to": str(stable.version_id), "rationale": rationale, "stage": release.stage})
    return stable


def serve(release: Release, actor: events.Actor) -> None:
    """Put what the release says into the agent's serving slot."""
    if release.state == State.LIVE:
        slots.switch(agent_id=release.agent_id, stable=_served(release.version), by=actor)
        return
    stable = live(release.agent_id)
    if stable is None:
        raise Conflict("There is no stable version beside this rollout.", code="no_stable")
    slots.switch(
        agent_id=release.agent_id,
        stable=_served(stable.version),
        canary=_served(release.version) if release.state == State.CANARY else None,
        canary_share=release.share_bp,
        salt=release.salt,
        by=actor,
    )


def _served(version: PolicyVersion) -> tuple[str, int]:
    return (version.artifact_id, version.number)


def lock(agent_id: UUID) -> None:
    """Hold the agent's rollout until the transaction ends, so that two people cannot move it at once."""
    LearningSettings.objects.select_for_update().get(agent_id=agent_id)


def live(agent_id: UUID) -> Release | None:
    """Return the release that serves the agent's stable traffic, if any."""
    return Release.objects.select_related("version").filter(agent_id=agent_id, state=State.LIVE).first()


def close(release: Release, state: str) -> None:
    """End a release."""
    release.state, release.finished_at = state, clock.now()
    release.save(update_fields=["state", "finished_at"])


def mark(version: PolicyVersion, state: str) -> None:
    """Move a version along its state machine."""
    version.state = state
    version.save(update_fields=["state"])


def tell(action: str, release: Release, actor: events.Actor, data: dict[str, Any]) -> None:
    """Record what happened to a release, in the caller's transaction."""
    events.record(
        f"release.{action}",
        subject=("release", str(release.pk)),
        actor=actor,
        scope=sources.agent(release.agent_id).slug,
        data={"version": str(release.version_id), "number": release.version.number, **data},
    )
