"""Agents as pages and the API show them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agents.contracts import terms
from agents.models import Agent, Contract, Slot
from agents.selectors import contracts, live, policies, visible
from agents.selectors.contracts import Published
from agents.selectors.live import Signed
from agents.selectors.policies import SlotInfo
from reviewapp.core.accounts import access

_NEWEST = ("agent_id", "version", "body__risks")


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent in a list."""

    id: UUID
    slug: str
    name: str
    description: str
    mode: str
    mode_label: str
    contract_version: int | None
    serial: int
    live_version: int | None
    canary_version: int | None
    canary_share: int
    changed_at: datetime | None
    risks_overdue: int = 0

    @property
    def live_label(self) -> str:
        """Return what is live in words."""
        return f"Version {self.live_version}"

    @property
    def canary_percent(self) -> str:
        """Return the canary's share of units."""
        return f"{self.canary_share / 100:g} %"

    @property
    def canary_label(self) -> str:
        """Return the canary in words."""
        return f"Version {self.canary_version} for {self.canary_percent}"


@dataclass(frozen=True, slots=True)
class AgentPage:
    """One agent with its contract and slot. `may_develop` says whether the asker may manage its keys."""

    row: AgentRow
    contract: Published | None
    slot: SlotInfo | None
    may_develop: bool
    signed: Signed | None


def rows(asker: Any, *, today: date) -> list[AgentRow]:
    """Return the agents the asker may see, by name, in three queries; risks are overdue as of `today`."""
    found = visible.agents(asker)
    keys = [agent.pk for agent in found]
    slots = {slot.pk: slot for slot in Slot.objects.filter(pk__in=keys)}
    listed = Contract.objects.filter(agent_id__in=keys).order_by("agent_id", "-version").distinct("agent_id")
    newest = {agent_id: (version, risks) for agent_id, version, risks in listed.values_list(*_NEWEST)}
    made = []
    for agent in found:
        version, risks = newest.get(agent.pk, (None, None))
        row = _row(agent, version, slots.get(agent.pk))
        made.append(replace(row, risks_overdue=terms.overdue({"risks": risks or ()}, today=today)))
    return made


def page(asker: Any, slug: str) -> AgentPage:
    """Return one agent. Raises `Missing` when the asker may not see it."""
    agent = visible.agent(asker, slug)
    contract = contracts.latest(agent.pk)
    slot = Slot.objects.filter(pk=agent.pk).first()
    return AgentPage(
        row=_row(agent, contract.version if contract else None, slot),
        contract=contract,
        slot=policies.slot_info(slot) if slot else None,
        may_develop=access.can(asker, "agents.develop_agent", agent),
        signed=live.signed(agent.slug),
    )


def _row(agent: Agent, contract_version: int | None, slot: Slot | None) -> AgentRow:
    return AgentRow(
        id=agent.pk,
        slug=agent.slug,
        name=agent.name,
        description=agent.description,
        mode=agent.mode,
        mode_label=Agent.Mode(agent.mode).label,
        contract_version=contract_version,
        serial=slot.serial if slot else 0,
        live_version=slot.stable_version if slot else None,
        canary_version=slot.canary_version if slot else None,
        canary_share=slot.canary_share if slot else 0,
        changed_at=slot.changed_at if slot else None,
    )
