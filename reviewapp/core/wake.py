"""How a commit tells the relay that there is work.

The spine must not know Celery (the decision endpoint uses it and stays light), so the wiring in `reviewapp/celery.py`
hands in the way to wake. A process without one leaves the work to the beat sweep.
"""

import logging
import time
from collections.abc import Callable

from reviewapp.core.breaker import Breaker, Terms

log = logging.getLogger(__name__)

_waker: list[Callable[[], None]] = []
# A broker that hangs takes seconds to say so. Waking is a courtesy, so after one failure a single request in ten seconds
# finds out whether it is back.
_TERMS = Terms(failures=1, seconds=10.0)
_breaker = Breaker()


def use(waker: Callable[[], None]) -> None:
    """Install the way to wake the relay in this process."""
    _waker[:] = [waker]
    _breaker.succeeded()


def wake() -> None:
    """Wake the relay. A broker that is down costs nothing but time: the event is in the outbox and the sweep finds it."""
    for waker in _waker:
        if not _breaker.ask(_TERMS, time.monotonic()):
            return
        try:
            waker()
        except Exception as fault:  # noqa: BLE001 - kombu raises what its transport raises; none of it may reach a committed request
            log.warning("relay not woken, the sweep will find the event: %s", fault)
            if _breaker.failed(_TERMS, time.monotonic()):
                log.warning("the relay is not woken for %s s at a time until the broker is back", _TERMS.seconds)
        else:
            _breaker.succeeded()
