"""What the plane does when something happened."""

from uuid import UUID

from django.db import transaction

from policies import tasks
from policies.selectors import sources
from policies.services import builds, incidents, notices
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


@subscribe("version.submitted")
def tell_approvers(event: Event) -> None:
    """Tell those who may approve."""
    notices.version_submitted(event=event)


@subscribe("version.approved", "version.rejected", "version.returned", "version.withdrawn")
def tell_submitter(event: Event) -> None:
    """Tell who submitted what was decided."""
    notices.version_decided(event=event)


@subscribe("release.paused", "release.rolled_back")
def tell_keepers(event: Event) -> None:
    """Tell those who keep the agent running that a release stopped; what a guard did is an incident."""
    notices.release_stopped(event=event)
    incidents.release_stopped(event=event)


@subscribe("release.resumed", "release.live")
def end_incident(event: Event) -> None:
    """Note that a release goes on."""
    incidents.release_goes_on(event=event)


@subscribe("release.live")
def tell_teachers(event: Event) -> None:
    """Tell people what became of their corrections."""
    notices.release_live(event=event)
