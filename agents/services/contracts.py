"""Publishing contracts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.contracts.spec import ContractSpec, SpecError
from agents.models import Agent, Contract
from agents.runtime import kpis, review
from agents.services import features
from reviewapp.core import clock, events, ids
from reviewapp.core.errors import Invalid, Missing

events.external("contract.published")


@transaction.atomic
def publish(*, agent_id: UUID, body: Mapping[str, Any], by: events.Actor) -> Contract:
    """Publish the next version of an agent's contract; it governs from the first policy released for it.

    `version` and `agent` may be left out of `body`. Publishing what is already the newest version changes nothing. Every
    schema is compiled and every rule type-checked: raises `Invalid` naming each faulty path, and `Missing` for an unknown
    agent.
    """
    # The agent's row is the lock, so that two publishers cannot take one number.
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    newest = Contract.objects.filter(agent=agent).order_by("-version").first()
    following = newest.version + 1 if newest else 1
    spec = checked({"agent": agent.slug, "version": following, **body})
    if newest is not None and spec.digest == newest.digest:
        return newest
    faults = features.faults_for(spec.features, spec.input_schema, agent.pk)
    if spec.agent != agent.slug:
        faults["agent"] = f"This contract is published for {agent.slug}."
    if spec.mode != agent.mode:
        faults["mode"] = f"The agent was registered with {agent.mode!r}."
    if spec.version != following:
        faults["version"] = f"The next version is {following}."
    if faults:
        raise Invalid("The contract cannot be published.", fields=faults)
    contract = Contract.objects.create(
        id=ids.uuid7(),
        agent=agent,
        version=spec.version,
        body=spec.body,
        digest=spec.digest,
        published_at=clock.now(),
        published_by=f"{by.kind}:{by.id}",
        published_by_label=by.label,
    )
    events.record(
        "contract.published",
        subject=("contract", str(contract.pk)),
        actor=by,
        scope=agent.slug,
        data={"version": spec.version, "digest": spec.digest},
    )
    return contract


def checked(body: Mapping[str, Any]) -> ContractSpec:
    """Return the parsed contract with every rule type-checked; raises `Invalid` naming each faulty path."""
    try:
        spec = ContractSpec.parse(body)
    except SpecError as fault:
        raise Invalid("The contract cannot be published.", fields=fault.faults) from fault
    if faults := {**review.faults_of(spec), **kpis.faults_of(spec)}:
        raise Invalid("Some rules of the contract cannot be used.", fields=faults)
    return spec
