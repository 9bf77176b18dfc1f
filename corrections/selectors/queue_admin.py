"""Keeping queues: whose they are, how each works, and which agents lack one."""

from dataclasses import dataclass
from uuid import UUID

from agents.selectors import visible
from corrections.models import Queue
from corrections.selectors import rights
from reviewapp.core.accounts.models import User

_BOTH = (Queue.Kind.STANDARD, Queue.Kind.SENIOR)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A kind of queue that an agent does not have yet, and what happens without it."""

    kind: str
    title: str
    without: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An agent with its queues and those it lacks; `may` says whether the asker may keep them, `several` that rules choose
    among review queues.
    """

    slug: str
    name: str
    may: bool
    queues: list[Queue]
    lacking: list[Lacking]

    @property
    def several(self) -> bool:
        """Say whether there is more than one review queue."""
        return sum(queue.kind == Queue.Kind.STANDARD for queue in self.queues) > 1


_WITHOUT = {
    Queue.Kind.STANDARD: "Flagged decisions wait until there is one, and the agent gets what its contract declares.",
    Queue.Kind.SENIOR: "Cases that reviewers cannot settle wait until there is one.",
}


def kept(user: User) -> list[Kept]:
    """Return every agent the person may see with its queues, by name: three queries however many there are."""
    agents = visible.agents(user)
    found: dict[UUID | None, list[Queue]] = {agent.pk: [] for agent in agents}
    for queue in Queue.objects.filter(agent__in=found).select_related("paused_by"):
        found[queue.agent_id].append(queue)
    return [
        Kept(
            slug=agent.slug,
            name=agent.name,
            may=rights.may_configure(user, agent),
            queues=found[agent.pk],
            lacking=[
                Lacking(kind.value, kind.label, _WITHOUT[kind])
                for kind in _BOTH
                if all(queue.kind != kind for queue in found[agent.pk])
            ],
        )
        for agent in agents
    ]
