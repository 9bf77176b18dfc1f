"""What every agent serves right now. Used by the serving path: it must stay light."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max
from django.db.models.functions import Coalesce

from agents.models import Agent, Slot
from agents.runtime import decide
from agents.runtime.artifact import Policy
from agents.selectors import contracts, policies
from agents.selectors.contracts import Published

Stamp = tuple[UUID, int, int]


@dataclass(frozen=True, slots=True)
class Served:
    """A policy in a slot, with its version number."""

    policy: Policy
    version: int


@dataclass(frozen=True, slots=True)
class Live:
    """An agent's contract, policies and split of traffic. `stamp` (agent, slot serial, newest contract)
    changes with them."""

    agent_id: UUID
    slug: str
    contract: Published | None
    serial: int
    stable: Served | None
    canary: Served | None
    canary_share: int
    salt: str
    stamp: Stamp


def stamps() -> dict[str, Stamp]:
    """Return the stamp of every agent by slug, in one query."""
    rows = Agent.objects.annotate(
        serial=Coalesce("slot__serial", 0), newest=Coalesce(Max("contracts__version"), 0)
    ).values_list("slug", "pk", "serial", "newest")
    return {slug: (agent_id, serial, newest) for slug, agent_id, serial, newest in rows.order_by()}


def stamp(slug: str) -> Stamp | None:
    """Return the stamp of one agent, None when there is no such agent."""
    row = (
        Agent.objects.filter(slug=slug)
        .annotate(serial=Coalesce("slot__serial", 0), newest=Coalesce(Max("contracts__version"), 0))
        .values_list("pk", "serial", "newest")
        .order_by()
        .first()
    )
    return (row[0], row[1], row[2]) if row else None


def load(slug: str) -> Live | None:
    """Return what an agent serves, compiled and ready; None when there is no such agent.

    The contract is the one the stable policy was made for, or the newest while nothing is served. Raises
    `ArtifactError` when a stored policy is damaged or does not fit its contract.
    """
    # Read first: whatever changes while the rest is read makes this stamp old, and the next look loads again.
    found = stamp(slug)
    agent = Agent.objects.filter(slug=slug).first()
    if found is None or agent is None:
        return None
    slot = Slot.objects.filter(pk=agent.pk).first()
    stable = _served(slot.stable_id, slot.stable_version) if slot else None
    canary = _served(slot.canary_id, slot.canary_version) if slot else None
    contract = contracts.latest(agent.pk)
    if stable is not None:
        contract = contracts.by_digest(agent.pk, stable.policy.contract_digest) or contract
    for one in (stable, canary):
        if one is not None and contract is not None:
            decide.program(one.policy, contract.spec)
    return Live(
        agent_id=agent.pk,
        slug=agent.slug,
        contract=contract,
        serial=slot.serial if slot else 0,
        stable=stable,
        canary=canary,
        canary_share=slot.canary_share if slot else 0,
        salt=slot.salt if slot else "",
        stamp=found,
    )


def _served(digest: str | None, version: int | None) -> Served | None:
    return Served(policies.policy(digest), version) if digest and version is not None else None
