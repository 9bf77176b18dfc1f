"""Reading the guards of a release in rollout from what was decided and settled since it began."""

from dataclasses import dataclass
from datetime import datetime

from policies.evaluation import replay
from policies.models import LearningSettings, Release
from policies.rollout import guard
from policies.rollout import plan as plans
from policies.rollout.guard import Pair, Reading
from policies.selectors import sources


@dataclass(frozen=True, slots=True)
class Watch:
    """The guards now: `waiting` is what the stage still asks for, in words; `decisions` is what it has."""

    readings: tuple[Reading, ...]
    verdict: str
    waiting: str
    decisions: int


def read(release: Release, now: datetime) -> Watch:
    """Read every guard of an open release. Its version and the replaced version must be loaded.

    Every decision that people settled since the release began, in either arm, is answered again by both versions:
    the same cases for both, so that it does not matter which arm flagged more of them.
    """
    stage = plans.parse(release.plan)[release.stage]
    counts = sources.arms(release.agent_id, release, since=release.started_at)
    in_stage = sources.arms(release.agent_id, release, since=release.stage_started_at).canary
    minutes = (now - release.stage_started_at).total_seconds() / 60
    waiting = plans.waiting(stage, decisions=in_stage, minutes=minutes)
    settings = LearningSettings.objects.get(agent_id=release.agent_id)
    readings = guard.read(_pairs(release), counts, settings.guards, waiting=waiting)
    return Watch(readings, guard.verdict(readings), waiting, in_stage)


def _pairs(release: Release) -> list[Pair]:
    if release.replaces is None:
        return []
    canary, stable = sources.policy(release.version.artifact_id), sources.policy(release.replaces.artifact_id)
    if stable.contract_digest != canary.contract_digest:
        # Under another contract the two do not answer the same question; the counts still guard the rollout.
        return []
    contract = sources.contract_of(release.agent_id, canary)
    rows = sources.settled_since(release.agent_id, contract, since=release.started_at)
    answered = zip(replay.answers(canary, contract, rows), replay.answers(stable, contract, rows), strict=True)
    return [Pair(canary_wrong=not new.right, stable_wrong=not old.right) for new, old in answered]
