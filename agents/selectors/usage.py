"""What other parts still use of a contract. They say so themselves: this plane does not know who listens to it."""

from collections.abc import Callable, Iterable
from uuid import UUID

Asked = Callable[[UUID], Iterable[str]]
_reasons: list[Asked] = []


def tells_reasons(ask: Asked) -> None:
    """Let `ask` say which reason codes of an agent are in use; called once, when the application starts."""
    if ask not in _reasons:
        _reasons.append(ask)


def reasons(agent_id: UUID) -> frozenset[str]:
    """Return the reason codes of an agent that something names already."""
    return frozenset(code for ask in _reasons for code in ask(agent_id))
