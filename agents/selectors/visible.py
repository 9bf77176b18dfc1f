"""Which agents someone may see: people by their roles, programs by their key. Not for the serving path."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from agents.models import Agent, Amendment
from reviewapp.core.accounts import access
from reviewapp.core.accounts.api_auth import ServicePrincipal
from reviewapp.core.errors import Missing

VIEW = "agents.view_agent"


def agents(asker: Any, perm: str = VIEW) -> list[Agent]:
    """Return the agents a person holds `perm` for, or that a program's key reaches, by name."""
    found = Agent.objects.order_by("name")
    if isinstance(asker, ServicePrincipal):
        return list(found if asker.agent_id is None else found.filter(pk=asker.agent_id))
    return list(access.visible_to(asker, perm, found))


def agent(asker: Any, slug: str) -> Agent:
    """Return an agent. Raises `Missing` when there is none of this name, or none that the asker may see."""
    found = Agent.objects.filter(slug=slug).first()
    if found is None or not may_view(asker, found):
        raise Missing("There is no such agent.", code="agent_unknown")
    return found


def may_view(asker: Any, agent: Agent) -> bool:
    """Say whether a person or a program may see an agent."""
    if isinstance(asker, ServicePrincipal):
        return asker.agent_id in {None, agent.pk}
    return access.can(asker, VIEW, agent)


def judges_afresh(asker: Any, agent: Agent, amendments: Sequence[Amendment]) -> bool:
    """Say whether what people settled is kept from an asker: it was taken back, nothing stands, and they review this agent's cases.

    `amendments` are those of the decision's resolution, first to last.
    """
    return bool(amendments) and amendments[-1].output is None and access.can(asker, "agents.review_task", agent)


def sees_any(asker: Any) -> bool:
    """Say whether a person may see any agent at all."""
    return access.can_for_any(asker, VIEW)


def by_id(agent_id: UUID, asker: Any) -> Agent:
    """Return an agent by its id. Raises `Missing` when there is none, or none that the asker may see."""
    found = Agent.objects.filter(pk=agent_id).first()
    if found is None or not may_view(asker, found):
        raise Missing("There is no such agent.", code="agent_unknown")
    return found
