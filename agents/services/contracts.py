"""Publishing contracts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.contracts import compat
from agents.contracts.compat import Change
from agents.contracts.spec import ContractSpec, SpecError
from agents.models import Agent, Contract, ContractDraft
from agents.runtime import kpis, review
from agents.selectors import comparing, contracts
from agents.services import features
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing

events.external("contract.published")


@dataclass(frozen=True, slots=True)
class Examined:
    """What publishing would meet: faults by dotted path, or the contract with its changes and the verdict in words."""

    spec: ContractSpec | None
    version: int
    errors: Mapping[str, str]
    changes: Sequence[Change]
    verdict: str

    @property
    def breaking(self) -> dict[str, list[str]]:
        """Return the texts of the breaking changes by path; each path needs one reason."""
        found: dict[str, list[str]] = {}
        for change in compat.breaking(self.changes):
            found.setdefault(change.path, []).append(change.text)
        return found


_SHORTEST = 10


@transaction.atomic
def publish(
    *, agent_id: UUID, body: Mapping[str, Any], acknowledged: Mapping[str, str] | None = None, by: events.Actor
) -> Contract:
    """Publish the next version of an agent's contract; it governs from the first policy released for it.

    `version` and `agent` may be left out of `body`. Publishing what is already the newest version changes nothing. Every
    schema is compiled and every rule type-checked, and the version is held against the one before: `acknowledged` gives,
    by the path of each breaking change, the reason why it is made all the same. Raises `Invalid` naming each faulty path
    and each breaking change without a reason, and `Missing` for an unknown agent.
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
    _fits(agent, spec, following)
    listed = comparing.changes(agent.pk, contracts.by_id(newest.pk).spec, spec) if newest else ()
    reasons = _reasons(listed, acknowledged or {})
    contract = Contract.objects.create(
        id=ids.uuid7(),
        agent=agent,
        version=spec.version,
        body=spec.body,
        digest=spec.digest,
        changes=compat.as_rows(listed, reasons),
        published_at=clock.now(),
        published_by=f"{by.kind}:{by.id}",
        published_by_label=by.label,
    )
    events.record(
        "contract.published",
        subject=("contract", str(contract.pk)),
        actor=by,
        scope=agent.slug,
        data={"version": spec.version, "digest": spec.digest, "breaking": reasons},
    )
    return contract


@transaction.atomic
def publish_by(
    *, agent_id: UUID, body: Mapping[str, Any], acknowledged: Mapping[str, str] | None = None, by: User
) -> Contract:
    """Publish as a person, who needs the right to develop the agent (see `publish`); its draft goes with it."""
    access.require(by, "agents.develop_agent", _agent(agent_id))
    made = publish(agent_id=agent_id, body=body, acknowledged=acknowledged, by=actors.of(by))
    ContractDraft.objects.filter(agent_id=agent_id).delete()
    return made


def examine(*, agent_id: UUID, body: Mapping[str, Any]) -> Examined:
    """Say what publishing `body` as the next version would meet; nothing is written. Raises `Missing`."""
    agent = _agent(agent_id)
    newest = contracts.latest(agent_id)
    following = newest.version + 1 if newest else 1
    try:
        spec = checked({"agent": agent.slug, "version": following, **body})
        _fits(agent, spec, following)
    except Invalid as fault:
        return Examined(None, following, fault.fields, (), "")
    if newest is None:
        return Examined(spec, following, {}, (), "This is the agent's first contract.")
    listed = comparing.changes(agent_id, newest.spec, spec)
    return Examined(spec, following, {}, listed, compat.verdict(newest.version, following, listed))


def _agent(agent_id: UUID) -> Agent:
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    return agent


def _fits(agent: Agent, spec: ContractSpec, following: int) -> None:
    faults = features.faults_for(spec.features, spec.input_schema, agent.pk)
    if spec.agent != agent.slug:
        faults["agent"] = f"This contract is published for {agent.slug}."
    if spec.mode != agent.mode:
        faults["mode"] = f"The agent was registered with {agent.mode!r}."
    if spec.version != following:
        faults["version"] = f"The next version is {following}."
    if faults:
        raise Invalid("The contract cannot be published.", fields=faults)


def _reasons(listed: Sequence[Change], acknowledged: Mapping[str, str]) -> dict[str, str]:
    """Return the reason for every breaking change by its path; raises `Invalid` naming those that have none."""
    broken = {change.path: change.text for change in compat.breaking(listed)}
    given = {path: str(acknowledged.get(path, "")).strip() for path in broken}
    missing = {path: text for path, text in broken.items() if len(given[path]) < _SHORTEST}
    if missing:
        raise Invalid(
            "This would break what keeps to the version before. Write for each such change why it is made all the same.",
            code="contract_breaking",
            fields={
                f"acknowledged.{path}": f"{text} Write why, in at least {_SHORTEST} characters."
                for path, text in missing.items()
            },
        )
    return given


def checked(body: Mapping[str, Any]) -> ContractSpec:
    """Return the parsed contract with every rule type-checked; raises `Invalid` naming each faulty path."""
    try:
        spec = ContractSpec.parse(body)
    except SpecError as fault:
        raise Invalid("The contract cannot be published.", fields=fault.faults) from fault
    if faults := {**review.faults_of(spec), **kpis.faults_of(spec)}:
        raise Invalid("Some rules of the contract cannot be used.", fields=faults)
    return spec
