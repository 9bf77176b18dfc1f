"""Storing sealed policies."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.models import Agent, Artifact
from agents.runtime import artifact, decide
from agents.runtime.artifact import ArtifactError, Sealed
from agents.selectors import contracts
from agents.services import signing
from reviewapp.core import clock, events
from reviewapp.core.errors import Invalid, Missing

events.external("artifact.stored")


@transaction.atomic
def store(*, agent_id: UUID, body: Mapping[str, Any], by: events.Actor) -> Artifact:
    """Seal and sign a policy document, and keep exactly those bytes under their digest; storing it again changes nothing.

    The document must fit one of the agent's contracts and all its rules must compile: raises `Invalid` naming each
    faulty path, `Missing` for an unknown agent.
    """
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    try:
        sealed = _fitting(agent, body)
    except ArtifactError as fault:
        raise Invalid(str(fault)[:500], fields=fault.faults, code="artifact_invalid") from fault
    now = clock.now()
    row, fresh = Artifact.objects.get_or_create(
        digest=sealed.digest,
        defaults={"agent": agent, "body": sealed.content, "sealed_at": now, "sealed_by": f"{by.kind}:{by.id}"},
    )
    if fresh:
        signing.sign_artifact(row, at=now, by=by)
        events.record(
            "artifact.stored",
            subject=("artifact", sealed.digest),
            actor=by,
            scope=agent.slug,
            data={"bytes": len(sealed.content)},
        )
    return row


def _fitting(agent: Agent, body: Mapping[str, Any]) -> Sealed:
    sealed = artifact.seal(body)
    policy = artifact.load(sealed.content, sealed.digest)
    if policy.agent != agent.slug:
        raise ArtifactError("The policy was made for another agent.", {"agent": f"must be {agent.slug}"})
    found = contracts.by_digest(agent.pk, policy.contract_digest)
    if found is None:
        mend = {"contract.digest": "publish the contract first"}
        raise ArtifactError("The policy names a contract this agent does not have.", mend)
    decide.program(policy, found.spec)
    return sealed
