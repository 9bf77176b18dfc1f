"""What the plane does when something happened."""

from uuid import UUID

from django.db import transaction

from policies import tasks
from policies.selectors import sources
from policies.services import builds
from reviewapp.core.events import live, subscribe
from reviewapp.core.events.models import Event

_SHOWN = (
    "build.requested",
    "build.started",
    "build.finished",
    "build.failed",
    "version.built",
    "version.evaluated",
    "version.submitted",
    "version.approved",
    "version.rejected",
    "version.returned",
    "version.withdrawn",
    "version.revoked",
    "release.started",
    "release.advanced",
    "release.paused",
    "release.resumed",
    "release.rolled_back",
    "release.live",
)


@subscribe("build.requested")
def start_build(event: Event) -> None:
    """Give the build to the learning worker. When the broker is down, the sweep does it later."""
    transaction.on_commit(lambda: tasks.send_build(build_id=event.subject_id), robust=True)


@subscribe("consensus.formed")
def consider_build(event: Event) -> None:
    """Ask for a build once enough new verdicts are usable."""
    agent = sources.by_slug(event.scope)
    if agent is not None:
        builds.consider(agent_id=UUID(str(agent.id)))


@subscribe(*_SHOWN)
def show(event: Event) -> None:
    """Tell open release pages of the agent to look again."""
    live.push(f"agent.{event.scope}", {"kind": event.type, "subject": [event.subject_type, event.subject_id]})
