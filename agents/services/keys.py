"""Keys for an agent's program. Not for the serving path: rights are asked here."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from agents.models import Agent
from reviewapp.core import clock
from reviewapp.core.accounts import access, keyring, services
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing

# A key that sends features cannot decide, and one that decides cannot write what is known of its own cases.
SCOPES = {"decide": ("decide", "read"), "features": ("features", "read")}


@transaction.atomic
def issue(*, agent_id: UUID, name: str, days: int | None, use: str = "decide", by: User) -> str:
    """Issue a key to the agent's program and return it: this is the only time it can be seen.

    `days` is how long it works, None without end; `use` is "decide" or "features" (sending feature values). Raises
    `Missing`, `NotAllowed` and `Invalid` naming the field.
    """
    agent = _agent(agent_id, by)
    if use not in SCOPES:
        raise Invalid("The key cannot be issued.", fields={"use": "Choose what the key is for."})
    account = keyring.program_of(agent_id) or services.create_service_account(
        name=f"{agent.slug} program", agent_id=agent_id, by=by
    )
    expires = clock.now() + timedelta(days=days) if days else None
    _, raw = services.issue_key(name=name, scopes=SCOPES[use], service=account, expires_at=expires, by=by)
    return raw


@transaction.atomic
def revoke(*, agent_id: UUID, key_id: UUID, by: User) -> None:
    """Revoke a key of the agent's program at once. Raises `Missing` for another agent's key, and `NotAllowed`."""
    _agent(agent_id, by)
    if not keyring.belongs_to(key_id, agent_id):
        raise Missing("This agent has no such key.")
    services.revoke_key(key_id=key_id, by=by)


def _agent(agent_id: UUID, by: User) -> Agent:
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    access.require(by, "agents.develop_agent", agent)
    return agent
