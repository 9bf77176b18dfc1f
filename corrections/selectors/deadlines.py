"""What a queue does about deadlines, as its page shows it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from corrections.models import DeadlineRules, Queue
from corrections.selectors import queues, rights
from reviewapp.core.accounts.models import User

_FIELDS = ("warn_minutes", "warn_notify", "warn_raise", "breach_notify", "breach_raise", "breach_answer")


@dataclass(frozen=True, slots=True)
class RulesPage:
    """A queue, what is said for it by field name, the queues (code, name) a case could move to."""

    queue: Queue
    entered: dict[str, Any]
    others: list[tuple[str, str]]


def page(user: User, queue_id: UUID) -> RulesPage:
    """Return the page of a queue's rules. Raises `Missing`, and `NotAllowed` for who does not keep its agent's queues."""
    queue = queues.queue_for(user, queue_id)
    rights.require_keeper(user, queue.agent)
    found = DeadlineRules.objects.select_related("breach_move").filter(queue=queue).first() or DeadlineRules(
        queue=queue
    )
    entered = {name: getattr(found, name) for name in _FIELDS}
    entered["breach_move"] = found.breach_move.code if found.breach_move else ""
    others = Queue.objects.filter(agent=queue.agent_id).exclude(pk=queue.pk).order_by("position", "name")
    return RulesPage(queue, entered, list(others.values_list("code", "name")))
