"""The people of the demo: one per role and a few more, and the simulated ones that only have keys."""

import secrets
from dataclasses import dataclass
from typing import Any

from agents.models import Agent
from reviewapp.core.accounts import actors, services
from reviewapp.core.accounts.models import User

PEOPLE = (
    ("amina", "Amina Okafor", "reviewer"),
    ("sara", "Sara Lindholm", "reviewer"),
    ("jonas", "Jonas Lindqvist", "senior_reviewer"),
    ("tomas", "Tomás Herrera", "risk_officer"),
    ("lena", "Lena Vogt", "policy_admin"),
    ("hanna", "Hanna Fischer", "policy_admin"),
    ("astrid", "Astrid Nyberg", "auditor"),
    ("daniel", "Daniel Osei", "agent_developer"),
    ("mei", "Mei Tanaka", "operator"),
)
SIMULATED_REVIEWERS = 24
SIMULATED = (
    *((f"sim-{number:02d}", "reviewer") for number in range(1, SIMULATED_REVIEWERS + 1)),
    # The second steps in where the first has judged before: after a rejected escalation somebody new looks.
    ("sim-senior", "senior_reviewer"),
    ("sim-senior-2", "senior_reviewer"),
    ("sim-officer", "risk_officer"),
    ("sim-builder", "policy_admin"),
    ("sim-approver", "policy_admin"),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """Everyone, and what belongs into the demo's secret file."""

    users: dict[str, User]
    people: list[dict[str, str]]
    keys: dict[str, str]


def hire() -> Staff:
    """Create everyone with their role for every agent; passwords and keys are random and returned once."""
    users: dict[str, User] = {}
    people, keys = [], {}
    for username, name, role in PEOPLE:
        password = secrets.token_urlsafe(9)
        users[username] = _person(username, name, role, password=password)
        people.append({"role": role, "username": username, "password": password, "name": name})
    for username, role in SIMULATED:
        user = _person(username, username.replace("sim-", "Simulated ").capitalize(), role)
        users[username] = user
        keys[username] = services.issue_key(
            name="Simulation", scopes=["review", "policies", "read"], user=user, by=user
        )[1]
    return Staff(users, people, keys)


def service_key(agent: Any, scopes: list[str], *, by: User | None) -> str:
    """Issue a key to a program that calls one agent; return it raw."""
    account = services.create_service_account(name=f"{agent.slug} demo program", agent_id=agent.pk, by=by)
    return services.issue_key(name="Demo program", scopes=scopes, service=account, by=by)[1]


def _person(username: str, name: str, role: str, *, password: str | None = None) -> User:
    user = services.create_user(
        username=username, display_name=name, email=f"{username}@nordbank.example", password=password, by=actors.SYSTEM
    )
    services.grant_role(user=user, role=role, model=Agent, by=actors.SYSTEM)
    return user
