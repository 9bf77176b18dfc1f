"""Watching open rollouts: keep what the guards read, and go back at once when one says so."""

from uuid import UUID

from django.db import transaction

from policies.models import GuardReading, Release
from policies.rollout import guard
from policies.rollout.guard import Reading
from policies.selectors import guarding
from policies.services import traffic
from reviewapp.core import clock
from reviewapp.core.accounts import actors


def open_releases() -> list[UUID]:
    """Return the releases that take traffic beside a stable version now."""
    return list(Release.objects.filter(state=Release.State.CANARY).values_list("pk", flat=True))


@transaction.atomic
def watch(*, release_id: UUID) -> str:
    """Read the guards of a release, keep what is new as evidence, roll back if one says so; return the verdict.

    A release that is no longer in rollout is left alone, with the verdict "hold".
    """
    release = Release.objects.select_related("version", "replaces").filter(pk=release_id).first()
    if release is None:
        return guard.HOLD
    traffic.lock(release.agent_id)
    release.refresh_from_db(fields=["state", "stage"])
    if release.state != Release.State.CANARY:
        return guard.HOLD
    found = guarding.read(release, clock.now())
    _keep(release, found.readings)
    if found.verdict == guard.ROLL_BACK:
        texts = " ".join(reading.text for reading in found.readings if reading.verdict == guard.ROLL_BACK)
        traffic.undo(release, f"Automatic: {texts}", actors.SYSTEM)
    return found.verdict


def _keep(release: Release, readings: tuple[Reading, ...]) -> None:
    """Store the readings that rest on more cases, or say something else, than the ones before."""
    last = {row.code: row for row in GuardReading.objects.filter(release=release).order_by("id")}
    for reading in readings:
        before = last.get(reading.code)
        if before is not None and (before.n, before.verdict, before.stage) == (
            reading.n,
            reading.verdict,
            release.stage,
        ):
            continue
        GuardReading.objects.create(
            release=release,
            stage=release.stage,
            code=reading.code,
            title=reading.title,
            verdict=reading.verdict,
            value=reading.value,
            low=reading.low,
            high=reading.high,
            limit=reading.limit,
            evidence=min(reading.evidence, 1e12),
            n=reading.n,
            text=reading.text,
            read_at=clock.now(),
        )
