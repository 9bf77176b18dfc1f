"""The way of a policy version from sealed to approved."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from policies.evaluation import gates
from policies.models import Evaluation, LearningSettings, PolicyVersion
from policies.rollout import plan as plans
from policies.selectors import sources
from policies.services import recipe, sealing
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals import services as approvals
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed

State = PolicyVersion.State


def seal_base(*, agent_id: UUID, body: Mapping[str, Any], by: User) -> PolicyVersion:
    """Learn an agent's first version from its training reference cases.

    `body` holds what people write: guardrails, autonomy, guidance, exemplars. The version is built, not yet evaluated,
    approved or released. Raises `NotAllowed`, `Conflict` (there is a version already) and `Invalid` (too few cases, a
    rule that does not compile).
    """
    agent = sources.agent(agent_id)
    access.require(by, "agents.build_policy", sources.guarded(agent_id))
    if PolicyVersion.objects.filter(agent_id=agent_id).exists():
        raise Conflict("This agent has a version already: build the next one from it.", code="has_versions")
    settings = LearningSettings.objects.filter(agent_id=agent_id).first()
    if settings is None:
        raise Invalid("Configure how this agent learns first.", fields={"agent": "It has no learning settings."})
    contract = sources.contract(agent_id)
    snapshot, _ = sealing.freeze(agent, contract, settings, by=actors.of(by))
    baked = recipe.bake(snapshot, contract, settings, parent=None, written=body)
    return sealing.store(
        agent, baked, settings, origin=PolicyVersion.Origin.BASE, snapshot=snapshot, parent=None, by=by
    )


@transaction.atomic
def submit(*, version_id: UUID, plan: Sequence[Mapping[str, int]] | None, by: User) -> PolicyVersion:
    """Ask a second person to approve this version, its evaluation and its rollout plan, as they are now.

    Without a plan the agent's default is taken. Raises `NotAllowed`, `Missing`, `Invalid` (a faulty plan) and `Conflict`
    (not evaluated, or a gate has failed: then nobody can approve it, so nobody is asked).
    """
    version = _locked(version_id)
    access.require(by, "agents.build_policy", sources.guarded(version.agent_id))
    _expect(version, State.EVALUATED, "submit")
    evaluation = latest_evaluation(version)
    refuse_failed(evaluation)
    version.plan = _plan(version, plan)
    request = approvals.request(
        kind="policy_version",
        subject=("version", str(version.pk)),
        scope=sources.agent(version.agent_id).slug,
        binding=binding(version, evaluation),
        by=by,
    )
    version.approval = request
    version.submitted_at, version.submitted_by = clock.now(), by
    _move(
        version, State.SUBMITTED, by, {"approval": str(request.pk), "plan": version.plan, "verdict": evaluation.verdict}
    )
    return version


@transaction.atomic
def decide(*, version_id: UUID, verdict: str, rationale: str, by: User) -> PolicyVersion:
    """Approve, reject or return a submitted version.

    Raises `NotAllowed` (no right, or not a second person: neither who built nor who submitted it may decide), `Invalid`
    (no rationale where one is due: for every refusal, and for approving in spite of an inconclusive gate), `Conflict`
    (not submitted, changed since, or a gate has failed).
    """
    version = _locked(version_id)
    access.require(by, "agents.approve_policy", sources.guarded(version.agent_id))
    _expect(version, State.SUBMITTED, "decide on")
    if version.built_by_id == by.pk:
        raise NotAllowed("You had this version built, so someone else decides on it (four-eyes).", code="four_eyes")
    evaluation = latest_evaluation(version)
    accepted = [gate["code"] for gate in evaluation.gates if gate["verdict"] == gates.INCONCLUSIVE]
    if verdict == "approved":
        refuse_failed(evaluation)
        if accepted and not rationale.strip():
            raise Invalid(
                "Say why you accept what could not be shown.",
                fields={
                    "rationale": f"{len(accepted)} gates are inconclusive; a person may accept them, with a reason."
                },
            )
    if version.approval is None:
        raise Conflict("Nobody has asked for a decision.", code="wrong_state")
    approvals.decide(
        approval_id=version.approval.pk,
        verdict=verdict,
        rationale=rationale,
        binding=binding(version, evaluation),
        by=by,
    )
    states = {"approved": State.APPROVED, "rejected": State.REJECTED, "returned": State.EVALUATED}
    data = {"approval": str(version.approval.pk), "accepted": accepted}
    _move(version, states[verdict], by, data, action=verdict)
    return version


@transaction.atomic
def withdraw(*, version_id: UUID, rationale: str, by: User) -> PolicyVersion:
    """Take one's own submission back. Raises `NotAllowed` (someone else's), `Missing`, `Conflict` (decided already)."""
    version = _locked(version_id)
    _expect(version, State.SUBMITTED, "withdraw")
    if version.approval is None:
        raise Conflict("Nobody has asked for a decision.", code="wrong_state")
    approvals.withdraw(approval_id=version.approval.pk, rationale=rationale, by=by)
    _move(version, State.EVALUATED, by, {"approval": str(version.approval.pk)}, action="withdrawn")
    return version


def binding(version: PolicyVersion, evaluation: Evaluation) -> str:
    """Return the digest of exactly what an approval is about: artifact, evidence and rollout plan."""
    return ids.digest({"artifact": version.artifact_id, "evaluation": evaluation.digest, "plan": version.plan})


def latest_evaluation(version: PolicyVersion) -> Evaluation:
    """Return the newest evaluation of a version. Raises `Conflict` when it was never evaluated."""
    found = version.evaluations.order_by("-id").first()
    if found is None:
        raise Conflict("This version has not been evaluated yet.", code="not_evaluated")
    return found


def refuse_failed(evaluation: Evaluation) -> None:
    """Raise `Conflict` naming the failed gates, if any: no right and no rationale gets past them."""
    failed = [gate["title"] for gate in evaluation.gates if gate["verdict"] == gates.FAIL]
    if failed:
        raise Conflict(
            f"A failed gate stops this version: {', '.join(failed)}. Build another one, or mend what failed.",
            code="gate_failed",
            extra={"gates": failed},
        )


def _locked(version_id: UUID) -> PolicyVersion:
    version = PolicyVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None:
        raise Missing("There is no such policy version.")
    return version


def _expect(version: PolicyVersion, state: str, verb: str) -> None:
    if version.state != state:
        now = PolicyVersion.State(version.state).label.lower()
        raise Conflict(
            f"Version {version.number} is {now}: there is nothing to {verb}.",
            code="wrong_state",
            extra={"state": version.state},
        )


def _plan(version: PolicyVersion, given: Sequence[Mapping[str, int]] | None) -> list[dict[str, int]]:
    if given is None:
        settings = LearningSettings.objects.get(agent_id=version.agent_id)
        return [dict(stage) for stage in settings.default_plan]
    try:
        return [stage.as_json() for stage in plans.parse(given)]
    except plans.PlanError as fault:
        raise Invalid("The rollout plan cannot be followed.", fields={fault.path: str(fault)}) from fault


def _move(version: PolicyVersion, state: str, by: User, data: dict[str, Any], *, action: str = "") -> None:
    version.state = state
    version.save(update_fields=["state", "plan", "approval", "submitted_at", "submitted_by"])
    events.record(
        f"version.{action or state}",
        subject=("version", str(version.pk)),
        actor=actors.of(by),
        scope=sources.agent(version.agent_id).slug,
        data={"number": version.number, **data},
    )
