"""Reading contracts. What is published never changes, so a parsed contract may be kept for ever."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from agents.contracts.spec import ContractSpec
from agents.models import Contract, ContractDeprecation, Decision
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class Published:
    """A contract version with its parsed terms."""

    id: UUID
    agent_id: UUID
    version: int
    spec: ContractSpec
    published_at: datetime
    published_by: str


def latest(agent_id: UUID) -> Published | None:
    """Return an agent's newest contract, if it has one."""
    found = Contract.objects.filter(agent_id=agent_id).order_by("-version").values_list("pk", flat=True).first()
    return by_id(found) if found else None


def by_digest(agent_id: UUID, digest: str) -> Published | None:
    """Return the contract of an agent that has this digest, if any."""
    found = Contract.objects.filter(agent_id=agent_id, digest=digest).values_list("pk", flat=True).first()
    return by_id(found) if found else None


def of_decision(decision_id: UUID) -> ContractSpec:
    """Return the contract a decision was made under. Raises `Missing` for an unknown decision."""
    found = Decision.objects.filter(pk=decision_id).values_list("contract_id", flat=True).first()
    if found is None:
        raise Missing("There is no such decision.")
    return by_id(found).spec


def ending(contract_id: UUID) -> tuple[datetime, datetime] | None:
    """Return since when a contract is deprecated and when it ends; None for one that is good."""
    said = ContractDeprecation.objects.filter(contract_id=contract_id).order_by("-id")
    return said.values_list("deprecated_at", "sunset_at").first()


@lru_cache(maxsize=256)
def by_id(contract_id: UUID) -> Published:
    """Return a contract by its id. Raises `Missing` for an unknown one."""
    row = Contract.objects.filter(pk=contract_id).first()
    if row is None:
        raise Missing("There is no such contract.")
    return Published(
        id=row.pk,
        agent_id=row.agent_id,
        version=row.version,
        spec=ContractSpec.parse(row.body),
        published_at=row.published_at,
        published_by=row.published_by_label,
    )
