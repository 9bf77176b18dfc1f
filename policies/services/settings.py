"""How an agent learns and is released."""

from typing import Any
from uuid import UUID

from django.db import transaction

from policies.evaluation import limits
from policies.learning import knobs
from policies.models import LearningSettings
from policies.rollout import plan as plans
from policies.selectors import sources
from reviewapp.core import events
from reviewapp.core.errors import Invalid

events.external("learning.configured")

_DEFAULT_PLAN = ({"share_bp": 1000, "min_decisions": 20, "min_minutes": 0},)


@transaction.atomic
def configure(
    *,
    agent_id: UUID,
    learner: dict[str, Any] | None = None,
    exceptions: dict[str, Any] | None = None,
    gates: dict[str, Any] | None = None,
    guards: dict[str, Any] | None = None,
    default_plan: list[dict[str, int]] | None = None,
    min_new_consensus: int | None = None,
    holdout_share_bp: int | None = None,
    seed: int | None = None,
    auto_build: bool | None = None,
    by: events.Actor,
) -> LearningSettings:
    """Set what is given and keep the rest; the first call fills in the product's defaults.

    `holdout_share_bp` is the share of settled inputs, in basis points, that is never learned from. Raises `Missing`
    (no such agent) and `Invalid` (an unknown learner, gate or plan stage, with its place).
    """
    agent = sources.agent(agent_id)
    row, fresh = LearningSettings.objects.select_for_update().get_or_create(
        agent_id=agent_id,
        defaults={"learner": {"kind": "scorecard"}, "gates": limits.complete({}), "default_plan": list(_DEFAULT_PLAN)},
    )
    given = {
        "learner": learner,
        "exceptions": exceptions,
        "gates": _gates(gates),
        "guards": guards,
        "default_plan": _plan(default_plan),
        "min_new_consensus": min_new_consensus,
        "holdout_share_bp": holdout_share_bp,
        "seed": seed,
        "auto_build": auto_build,
    }
    _check(given)
    changed = {key: value for key, value in given.items() if value is not None and getattr(row, key) != value}
    if not changed and not fresh:
        return row
    for key, value in changed.items():
        setattr(row, key, value)
    row.save()
    events.record(
        "learning.configured",
        subject=("agent", str(agent_id)),
        actor=by,
        scope=agent.slug,
        data={"changed": sorted(changed)},
    )
    return row


def _check(given: dict[str, Any]) -> None:
    faults: dict[str, str] = {}
    if given["learner"] is not None:
        faults |= knobs.faults_of_learner(given["learner"])
    for kind in ("exceptions", "guards"):
        if given[kind] is not None:
            faults |= knobs.faults_of(given[kind], kind)
    if given["min_new_consensus"] is not None and given["min_new_consensus"] < 1:
        faults["min_new_consensus"] = "Give a number of at least 1."
    if given["holdout_share_bp"] is not None and not 0 <= given["holdout_share_bp"] <= 5000:
        faults["holdout_share_bp"] = "Give 0 to 5,000 basis points: at most half may be kept aside."
    if faults:
        raise Invalid("The settings cannot be taken.", fields=faults)


def _gates(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    try:
        return limits.complete(given)
    except ValueError as fault:
        raise Invalid("The gates cannot be set like this.", fields={"gates": str(fault)}) from fault


def _plan(given: list[dict[str, int]] | None) -> list[dict[str, int]] | None:
    if given is None:
        return None
    try:
        return [stage.as_json() for stage in plans.parse(given)]
    except plans.PlanError as fault:
        raise Invalid("The rollout plan cannot be followed.", fields={fault.path: str(fault)}) from fault
