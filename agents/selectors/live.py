"""What every agent serves right now. Used by the serving path: it must stay light.

Signatures are checked here, when a slot has moved, and never for a request.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from agents.models import Agent, Contract, ContractDeprecation
from agents.runtime import decide
from agents.runtime.artifact import ArtifactError, Policy
from agents.runtime.channel import Pointer, Statement, StatementError
from agents.selectors import contracts, trust
from agents.selectors.contracts import Published
from reviewapp.core import clock

Stamp = tuple[UUID, int, int, int]


@dataclass(frozen=True, slots=True)
class Served:
    """A policy in a slot, with its version number."""

    policy: Policy
    version: int


@dataclass(frozen=True, slots=True)
class Live:
    """An agent's contract, policies and split of traffic.

    `stamp` (agent, slot serial, newest contract, how often one was deprecated) changes with them; `ending` is since
    when the contract is deprecated and when it ends, None for a contract that is good.

    `not_after` is when the signed statement behind them runs out, None when nothing was ever served. `fault` says in
    words why this is not what the slot asks for now.
    """

    agent_id: UUID
    slug: str
    contract: Published | None
    serial: int
    stable: Served | None
    canary: Served | None
    canary_share: int
    salt: str
    stamp: Stamp
    not_after: datetime | None = None
    fault: str = ""
    ending: tuple[datetime, datetime] | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether the statement still says something."""
        return self.not_after is None or now < self.not_after

    def serves(self, digests: tuple[str, ...]) -> bool:
        """Tell whether one of these policies is among those served."""
        return any(one is not None and one.policy.digest in digests for one in (self.stable, self.canary))

    def emptied(self, fault: str) -> "Live":
        """Return the same without policies: the contract's terms for "unavailable" answer."""
        return replace(self, stable=None, canary=None, canary_share=0, not_after=None, fault=fault)


@dataclass(frozen=True, slots=True)
class Signed:
    """Until when the newest statement of a slot holds, and why processes refuse what it says; "" when they follow."""

    not_after: datetime | None
    fault: str


def stamps() -> dict[str, Stamp]:
    """Return the stamp of every agent by slug, in one query."""
    rows = Agent.objects.values_list("slug", "pk", *_stamped()).order_by()
    return {slug: (agent_id, serial, newest, ended) for slug, agent_id, serial, newest, ended in rows}


def stamp(slug: str) -> Stamp | None:
    """Return the stamp of one agent, None when there is no such agent."""
    row = Agent.objects.filter(slug=slug).values_list("pk", *_stamped()).order_by().first()
    return (row[0], row[1], row[2], row[3]) if row else None


def _stamped() -> tuple[Coalesce, Coalesce, Coalesce]:
    """Return the slot's serial, the newest contract, and how often one was deprecated."""
    ends = ContractDeprecation.objects.filter(contract__agent=OuterRef("pk")).order_by().values("contract__agent")
    newest = Contract.objects.filter(agent=OuterRef("pk")).order_by("-version").values("version")[:1]
    return (
        Coalesce("slot__serial", 0),
        Coalesce(Subquery(newest), 0),
        Coalesce(Subquery(ends.annotate(n=Count("pk")).values("n")), 0),
    )


def load(slug: str, present: Live | None = None) -> Live | None:
    """Return what an agent serves, checked, compiled and ready; None when there is no such agent.

    Followed is the newest channel statement: signed by a trusted key, for this agent, not run out, with no serial below
    the slot's or that of `present`, what this process serves. The contract is the one the stable policy was made for,
    or the newest while nothing is served. Raises `ArtifactError` when a statement or policy must not be followed, is
    damaged, or does not fit the contract.
    """
    # Read first: whatever changes while the rest is read makes this stamp old, and the next look loads again.
    found = stamp(slug)
    if found is None:
        return None
    agent_id, serial = found[:2]
    floor = max(serial, present.serial) if present is not None and present.agent_id == agent_id else serial
    statement = _statement(agent_id, slug, floor)
    stable = _served(statement.stable, slug) if statement else None
    canary = _served(statement.canary, slug) if statement else None
    contract = contracts.latest(agent_id)
    if stable is not None:
        contract = contracts.by_digest(agent_id, stable.policy.contract_digest) or contract
    for one in (stable, canary):
        if one is not None and contract is not None:
            decide.program(one.policy, contract.spec)
    return Live(
        agent_id=agent_id,
        slug=slug,
        contract=contract,
        serial=statement.serial if statement else 0,
        stable=stable,
        canary=canary,
        canary_share=statement.canary_share if statement else 0,
        salt=statement.salt if statement else "",
        stamp=found,
        not_after=statement.not_after if statement else None,
        ending=contracts.ending(contract.id) if contract else None,
    )


def signed(slug: str) -> Signed | None:
    """Return how far the statement of an agent's slot can be followed now, None when the agent never served."""
    found = stamp(slug)
    row = trust.newest(found[0]) if found else None
    if found is None or (row is None and not found[1]):
        return None
    fault = ""
    try:
        load(slug)
    except ArtifactError as refusal:
        fault = str(refusal)
    return Signed(row.not_after if row else None, fault)


def nothing(slug: str, fault: str) -> Live | None:
    """Return an agent that serves no policy because of `fault`, with its newest contract; None for an unknown agent."""
    found = stamp(slug)
    if found is None:
        return None
    return Live(found[0], slug, contracts.latest(found[0]), found[1], None, None, 0, "", found, fault=fault)


def _statement(agent_id: UUID, slug: str, floor: int) -> Statement | None:
    row = trust.newest(agent_id)
    if row is None:
        if floor:
            raise StatementError(f"there is no signed statement, and the slot is at serial {floor}")
        return None
    try:
        statement = trust.read(row)
    except ArtifactError as fault:
        raise StatementError(f"the statement cannot be trusted: {fault}") from fault
    statement.admit(agent=slug, floor=floor, now=clock.now())
    return statement


def _served(pointer: Pointer | None, slug: str) -> Served | None:
    return Served(trust.policy(pointer.digest, slug), pointer.version) if pointer else None
