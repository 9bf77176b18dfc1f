"""How a decision's contract differs from the one that holds for its agent now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agents.contracts import compat
from agents.contracts.schema_diff import Change
from agents.selectors import contracts
from corrections.models import Task
from corrections.selectors import rights
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class Moved:
    """The contract that a case is judged under, the newest one, and what changed between them, the worst first."""

    task_id: UUID
    agent_slug: str
    title: str
    version: int
    newest: int
    published_at: datetime
    changes: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Say whether the case is judged under the newest contract."""
        return self.version == self.newest


def of_task(task_id: UUID, user: User) -> Moved:
    """Return how the contract of a task's decision and the newest one differ. Raises `Missing` for who may not see it."""
    task = Task.objects.select_related("queue__agent", "decision").filter(pk=task_id).first()
    if task is None or not rights.visible_agents(user).filter(pk=task.queue.agent_id).exists():
        raise Missing("This task does not exist.")
    held = contracts.by_id(task.decision.contract_id)
    newest = contracts.latest(held.agent_id) or held
    return Moved(
        task_id=task.pk,
        agent_slug=task.queue.agent.slug,
        title=held.spec.title,
        version=held.version,
        newest=newest.version,
        published_at=newest.published_at,
        changes=compat.changes(held.spec, newest.spec),
    )
