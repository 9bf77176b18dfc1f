"""What guards do to releases, as incidents."""

from policies.models import Release
from reviewapp.core.accounts import actors
from reviewapp.core.events.models import Event
from reviewapp.core.incidents import kinds, services


def release_stopped(*, event: Event) -> None:
    """Begin an incident when a guard paused a release or took it out of traffic; the latter is over at once.

    A release that somebody rolls back, whoever does it, is no longer paused.
    """
    release = Release.objects.select_related("version", "agent").get(pk=event.subject_id)
    back = event.type == "release.rolled_back"
    if back:
        services.end(kind=kinds.PAUSED, key=str(release.pk), text="Rolled back.", by=actors.SYSTEM)
    if event.actor_kind != "system":
        return
    kind = kinds.ROLLED_BACK if back else kinds.PAUSED
    services.begin(
        kind=kind,
        key=str(release.pk),
        agent=(release.agent_id, release.agent.slug),
        data={
            "agent": release.agent.name,
            "number": release.version.number,
            "artifact": release.version.artifact_id,
        },
        began_at=release.started_at,
        path=f"/versions/{release.version_id}/rollout/",
        text=str(event.data.get("rationale", "")),
        by=actors.SYSTEM,
    )
    if back:
        services.end(kind=kind, key=str(release.pk), by=actors.SYSTEM)


def release_goes_on(*, event: Event) -> None:
    """End the incident of a release that a guard had paused."""
    services.end(kind=kinds.PAUSED, key=event.subject_id, text="Resumed.", by=actors.SYSTEM)
