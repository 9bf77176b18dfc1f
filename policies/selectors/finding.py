"""Policy versions by a few typed words, for whoever knows roughly what they look for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from policies.models import PolicyVersion
from policies.selectors import sources, words

# Versions are built a few times a week: the newest of them hold what anyone still opens by name.
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A version: what it is called, and where it stands."""

    id: UUID
    label: str
    note: str


def versions(user: Any) -> list[Found]:
    """Return the newest versions of every agent that `user` may see."""
    titles = {agent.id: agent.title for agent in sources.visible_agents(user)}
    rows = PolicyVersion.objects.filter(agent_id__in=titles).order_by("-id")[:_LOOKED_AT]
    listed = rows.values_list("pk", "agent_id", "number", "state")
    return [
        Found(key, f"{titles[agent]} version {number}", words.version(state)[0]) for key, agent, number, state in listed
    ]
