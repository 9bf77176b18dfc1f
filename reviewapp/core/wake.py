"""How a commit tells the relay that there is work.

The spine must not know Celery (the decision endpoint uses it and stays light), so the wiring in `reviewapp/celery.py`
hands in the way to wake. A process without one leaves the work to the beat sweep.
"""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

_waker: list[Callable[[], None]] = []


def use(waker: Callable[[], None]) -> None:
    """Install the way to wake the relay in this process."""
    _waker[:] = [waker]


def wake() -> None:
    """Wake the relay. A broker that is down costs nothing but time: the event is in the outbox and the sweep finds it."""
    for waker in _waker:
        try:
            waker()
        except Exception as fault:  # noqa: BLE001 - kombu raises what its transport raises; none of it may reach a committed request
            log.warning("relay not woken, the sweep will find the event: %s", fault)
