"""Agents in the database, made by the services a person would use: registered, under contract, serving, with keys."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Permission

from agents.models import Agent, Artifact, Contract
from agents.selectors import contracts as contract_selector
from agents.services import agents, artifacts, contracts, slots
from reviewapp.core.accounts import actors, services
from reviewapp.core.accounts.models import User
from tests.factories.agents import contract_body, policy_body

GOOD_INPUT: dict[str, Any] = {"purpose": "car", "duration": 6, "amount": 900.0, "savings": 5000.0}
UNSURE_INPUT: dict[str, Any] = {"purpose": "car", "duration": 24, "amount": 900.0, "savings": 100.0}


@dataclass
class World:
    """One agent and what belongs to it."""

    agent: Agent
    contract: Contract
    artifact: Artifact | None
    key: str

    @property
    def url(self) -> str:
        """Where decisions are asked for."""
        return f"/api/v1/agents/{self.agent.slug}/decisions"

    @property
    def auth(self) -> dict[str, str]:
        """The header that carries the agent's key."""
        return {"Authorization": f"Bearer {self.key}"}


def world(
    *,
    slug: str = "lending",
    mode: str = "decide",
    live: bool = True,
    policy: dict[str, Any] | None = None,
    **terms: Any,
) -> World:
    """Register an agent, publish its contract, serve its policy (unless not `live`) and issue a key."""
    agent = agents.register(slug=slug, name=slug.capitalize(), description="Test agent", mode=mode, by=actors.SYSTEM)
    contract = contracts.publish(
        agent_id=agent.pk, body=contract_body(agent=slug, mode=mode, **terms), by=actors.SYSTEM
    )
    artifact = store(agent, **(policy or {}))
    if live:
        slots.switch(agent_id=agent.pk, stable=(artifact.pk, 1), by=actors.SYSTEM)
    account = services.create_service_account(name=f"{slug} program", agent_id=agent.pk, by=None)
    _, key = services.issue_key(name="test", scopes=["decide", "read"], service=account, by=None)
    return World(agent, contract, artifact, key)


def store(agent: Agent, **changes: Any) -> Artifact:
    """Store the lending policy for an agent's newest contract, with members replaced."""
    published = contract_selector.latest(agent.pk)
    assert published is not None
    return artifacts.store(agent_id=agent.pk, body=policy_body(published.spec, **changes), by=actors.SYSTEM)


def person(username: str, *roles: str, agent: Agent | None = None) -> User:
    """Create a person who holds roles for one agent, or (None) for all."""
    user = services.create_user(
        username=username,
        display_name=f"{username.capitalize()} Test",
        password="correct horse battery",
        by=actors.SYSTEM,
    )
    for role in roles:
        services.grant_role(user=user, role=role, agent=agent, model=None if agent else Agent, by=actors.SYSTEM)
    return user


def personal_key(user: User, *scopes: str) -> str:
    """Issue a key to a person."""
    return services.issue_key(name="personal", scopes=list(scopes), user=user, by=user)[1]


def permissions() -> set[str]:
    """Return the codenames that exist on the agent model."""
    return set(
        Permission.objects.filter(content_type__app_label="agents", content_type__model="agent").values_list(
            "codename", flat=True
        )
    )
