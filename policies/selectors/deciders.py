"""Who may give the second signature."""

from typing import Any

from agents.selectors import visible
from policies.models import PolicyVersion
from policies.selectors import sources
from reviewapp.core.accounts import access

PERMISSION = "agents.approve_policy"


def names(version: PolicyVersion) -> tuple[str, ...]:
    """Return the people who may decide on a version, by name: never who built or submitted it."""
    authors = [key for key in (version.built_by_id, version.submitted_by_id) if key is not None]
    found = access.holders(PERMISSION, sources.guarded(version.agent_id)).exclude(pk__in=authors)
    return tuple(found.values_list("display_name", flat=True))


def open_count(user: Any) -> int:
    """Return how many submitted versions wait for a decision that `user` may take."""
    agents = [agent.id for agent in sources.visible_agents(user, PERMISSION)]
    if not agents:
        return 0
    waiting = PolicyVersion.objects.filter(agent_id__in=agents, state=PolicyVersion.State.SUBMITTED)
    # Nobody built a version that the scheduler asked for; SQL's null is neither the person nor anyone else.
    own = waiting.filter(built_by=user) | waiting.filter(submitted_by=user)
    return waiting.exclude(pk__in=own.values("pk")).count()


def sees_any(user: Any) -> bool:
    """Say whether there is any agent whose releases `user` may see."""
    return visible.sees_any(user)
