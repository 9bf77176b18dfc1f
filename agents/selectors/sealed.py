"""Answers that a person may not see yet, because they shall judge the case without them. Whoever knows says so; this
plane does not know who asks people."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from reviewapp.core.accounts.api_auth import ServicePrincipal
from reviewapp.core.errors import NotAllowed

Asked = Callable[[Any, Collection[UUID]], frozenset[UUID]]
_asked: list[Asked] = []


def tells(ask: Asked) -> None:
    """Let `ask` say which of some decisions are sealed for a person; called once, when the application starts."""
    if ask not in _asked:
        _asked.append(ask)


def of(asker: Any, decision_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of the decisions whose answers the asker may not see yet. An agent's key is nobody who judges."""
    if not decision_ids or isinstance(asker, ServicePrincipal):
        return frozenset()
    return frozenset(key for ask in _asked for key in ask(asker, decision_ids))


def require_open(asker: Any, decision_id: UUID) -> None:
    """Raise `NotAllowed` when the asker may not see a decision's answer yet."""
    if of(asker, [decision_id]):
        raise NotAllowed(
            "This case is reviewed blind. You may still judge it, so its decision is shown once you have recorded your own"
            " judgement, or when it is settled.",
            code="sealed",
        )
