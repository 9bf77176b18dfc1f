"""Background work of the plane. Building runs on the queue `learning`, whose worker alone loads scikit-learn."""

import logging
from uuid import UUID

from celery import shared_task

from policies.services import builds, guards
from reviewapp.core import clock

log = logging.getLogger(__name__)


@shared_task(name="policies.build", acks_late=True)
def build(*, build_id: str, **_: object) -> str:
    """Carry a build to its end; return its state."""
    return builds.run(build_id=UUID(build_id)).state


def send_build(*, build_id: str) -> None:
    """Give a build to the learning worker. A message nobody takes within a minute is dropped: the sweep sends another."""
    build.apply_async(kwargs={"build_id": build_id}, queue="learning", expires=60, retry=False)


@shared_task(name="policies.sweep_builds")
def sweep_builds(**_: object) -> int:
    """Hand out again the builds that a lost message or a dead worker left behind; return how many."""
    waiting = builds.stale(clock.now())
    for build_id in waiting:
        send_build(build_id=str(build_id))
    return len(waiting)


@shared_task(name="policies.guard_releases")
def guard_releases(**_: object) -> int:
    """Read the guards of every open rollout; return how many there are."""
    releases = guards.open_releases()
    for release_id in releases:
        try:
            guards.watch(release_id=release_id)
        except Exception:  # one release's fault must not leave the others unwatched
            log.exception("guards of release %s could not be read", release_id)
    return len(releases)
