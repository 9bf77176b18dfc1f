"""Storing what was learned from, and what was learned, under their digests."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max

from agents.contracts.spec import ContractSpec
from agents.services import artifacts
from policies.learning import dataset
from policies.models import LearningSettings, PolicyVersion, ReferenceCase, Snapshot
from policies.selectors import sources
from policies.selectors.sources import AgentRef
from policies.services.recipe import Baked
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User

events.external("snapshot.frozen")


@transaction.atomic
def freeze(
    agent: AgentRef, contract: ContractSpec, settings: LearningSettings, *, by: events.Actor
) -> tuple[Snapshot, bool]:
    """Freeze every usable case as of now; return the snapshot, and whether its content is new."""
    cutoff = clock.now()
    reference = [
        dataset.Case(
            id=f"reference:{case.pk}",
            source="reference",
            role=case.role,
            input=case.input,
            proposal=case.proposal,
            output=case.output,
            label=case.label,
            decided=None,
            weight=1.0,
        )
        for case in ReferenceCase.objects.filter(agent_id=agent.id)
    ]
    rows = dataset.assign(
        [*reference, *sources.settled(agent.id, contract, until=cutoff)],
        salt=agent.slug,
        held_out_bp=settings.holdout_share_bp,
        filled=sources.filled(contract),
    )
    digest, content = dataset.freeze(
        rows,
        agent=agent.slug,
        contract_version=contract.version,
        contract_digest=contract.digest,
        held_out_bp=settings.holdout_share_bp,
    )
    found, fresh = Snapshot.objects.get_or_create(
        agent_id=agent.id,
        digest=digest,
        defaults={"id": ids.uuid7(), "rows": len(rows), "body": content, "cutoff": cutoff, "created_at": cutoff},
    )
    if fresh:
        events.record(
            "snapshot.frozen",
            subject=("snapshot", str(found.pk)),
            actor=by,
            scope=agent.slug,
            data={"digest": digest, "rows": len(rows)},
        )
    return found, fresh


@transaction.atomic
def store(
    agent: AgentRef,
    baked: Baked,
    settings: LearningSettings,
    *,
    origin: str,
    snapshot: Snapshot,
    parent: PolicyVersion | None,
    by: User | None,
) -> PolicyVersion:
    """Store the sealed policy as the agent's next version, and tell it."""
    # One version at a time per agent: the settings row is the lock, so numbers have no gaps and no duplicates.
    LearningSettings.objects.select_for_update().get(pk=settings.pk)
    actor = actors.of(by) if by else actors.SYSTEM
    kept = artifacts.store(agent_id=agent.id, body=baked.policy.body, by=actor)
    version = PolicyVersion.objects.create(
        agent_id=agent.id,
        number=_next_number(agent.id),
        artifact_id=kept.pk,
        parent=parent,
        snapshot=snapshot,
        origin=origin,
        learner=baked.learner,
        recipe=baked.recipe,
        seed=settings.seed,
        notes=baked.notes,
        built_by=by,
    )
    events.record(
        "version.built",
        subject=("version", str(version.pk)),
        actor=actor,
        scope=agent.slug,
        data={
            "number": version.number,
            "artifact": baked.policy.digest,
            "snapshot": snapshot.digest,
            "parent": str(parent.pk) if parent else "",
        },
    )
    return version


def _next_number(agent_id: UUID) -> int:
    last = PolicyVersion.objects.filter(agent_id=agent_id).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
