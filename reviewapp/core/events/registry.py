"""Who listens to what. Filled when the apps' `handlers` modules are imported."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewapp.core.events.models import Event

Handler = Callable[["Event"], None]

_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)
_external: set[str] = set()


def subscribe(*types: str) -> Callable[[Handler], Handler]:
    """Register the decorated function for these event types.

    A handler gets the event, runs inside the relay's transaction, and must be idempotent: it is called at least once.
    """

    def register(handler: Handler) -> Handler:
        name = f"{handler.__module__}.{handler.__qualname__}"
        for kind in types:
            _handlers[kind][name] = handler
        return handler

    return register


def external(*types: str) -> None:
    """Mark event types that nobody inside subscribes to: they serve the audit log, webhooks and pages."""
    _external.update(types)


def handlers_of(kind: str) -> dict[str, Handler]:
    """Return the handlers of one type by dotted name, in order of registration."""
    return dict(_handlers.get(kind, {}))


def is_known(kind: str) -> bool:
    """Say whether the type has a subscriber or is marked external."""
    return kind in _external or kind in _handlers


def only_external(kind: str) -> bool:
    """Say whether the type is marked external and nobody in this process subscribes to it."""
    return kind in _external and kind not in _handlers
