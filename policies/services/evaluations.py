"""Measuring a version on what it never learned from."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction

from policies.evaluation import gates, limits, metrics, replay
from policies.evaluation.metrics import Answer
from policies.learning import dataset
from policies.learning.dataset import TEST, Row
from policies.models import Evaluation, LearningSettings, PolicyVersion
from policies.selectors import sources
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Missing


@transaction.atomic
def evaluate(*, version_id: UUID) -> Evaluation:
    """Replay the version and the serving one on the test side of its snapshot, answer the gates, keep the evidence.

    The limits are the agent's settings as they are now, and are kept with the result. Evaluating again with the same
    baseline, cases and limits returns what is there. Raises `Missing`.
    """
    version = (
        PolicyVersion.objects.select_for_update(of=("self",)).select_related("snapshot").filter(pk=version_id).first()
    )
    if version is None or version.snapshot is None:
        raise Missing("There is no such policy version.")
    agent = sources.agent(version.agent_id)
    wanted = limits.complete(LearningSettings.objects.get(agent_id=version.agent_id).gates)
    rows = dataset.thaw(bytes(version.snapshot.body), version.snapshot.digest).using(TEST)
    data_digest = ids.digest([row.id for row in rows])
    baseline = _baseline(version)
    again = (
        version.evaluations.filter(baseline=baseline, data_digest=data_digest, limits=wanted).order_by("-id").first()
    )
    if again is not None:
        return again
    found = _store(version, baseline, rows, data_digest, wanted)
    if version.state in {PolicyVersion.State.BUILT, PolicyVersion.State.ROLLED_BACK}:
        version.state = PolicyVersion.State.EVALUATED
        version.save(update_fields=["state"])
    events.record(
        "version.evaluated",
        subject=("version", str(version.pk)),
        actor=actors.SYSTEM,
        scope=agent.slug,
        data={"number": version.number, "evaluation": str(found.pk), "verdict": found.verdict, "cases": found.n},
    )
    return found


def _baseline(version: PolicyVersion) -> PolicyVersion | None:
    """Return the version that serves now; the version itself when it does, so that nothing compares with itself."""
    parent = sources.serving_version(version.agent_id)
    return parent if parent is not None and parent.pk != version.pk else None


def _store(
    version: PolicyVersion,
    baseline: PolicyVersion | None,
    rows: tuple[Row, ...],
    data_digest: str,
    wanted: dict[str, Any],
) -> Evaluation:
    after = _answers(version, rows, wanted)
    before = _answers(baseline, rows, wanted) if baseline else None
    judged = gates.judge(after, before, wanted)
    measured = {
        "now": asdict(metrics.measure(after)),
        "before": asdict(metrics.measure(before)) if before else None,
        "paired": asdict(metrics.compare(before, after)) if before else None,
        "segments": _segments(before, after),
    }
    content = {
        "version": version.artifact_id,
        "baseline": baseline.artifact_id if baseline else "",
        "data": data_digest,
        "limits": wanted,
        "metrics": measured,
        "gates": [gate.as_json() for gate in judged],
    }
    return Evaluation.objects.create(
        version=version,
        baseline=baseline,
        data_digest=data_digest,
        limits=wanted,
        n=len(rows),
        metrics=measured,
        gates=content["gates"],
        verdict=gates.verdict(judged),
        digest=ids.digest(content),
        evaluated_at=clock.now(),
    )


def _answers(version: PolicyVersion, rows: tuple[Row, ...], wanted: dict[str, Any]) -> tuple[Answer, ...]:
    policy = sources.policy(version.artifact_id)
    contract = sources.contract_of(version.agent_id, policy)
    return replay.answers(policy, contract, rows, segments=wanted["segments"])


def _segments(before: tuple[Answer, ...] | None, after: tuple[Answer, ...]) -> list[dict[str, Any]]:
    earlier = metrics.segments(before) if before else {}
    return [
        {
            "field": field,
            "value": value,
            "n": len(own),
            "now": asdict(metrics.measure(own).error),
            "before": asdict(metrics.measure(earlier[field, value]).error) if earlier else None,
        }
        for (field, value), own in metrics.segments(after).items()
    ]
