"""How a commit tells the relay that there is work.

The spine must not know Celery (the decision endpoint uses it and stays light), so the wiring in `reviewapp/celery.py`
hands in the way to wake. A process without one leaves the work to the beat sweep.
"""

import logging
import threading
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
        _try(waker, _breaker)


def _try(waker: Callable[[], None], breaker: Breaker) -> None:
    if not breaker.ask(_TERMS, time.monotonic()):
        return
    try:
        waker()
    except Exception as fault:  # noqa: BLE001 - kombu raises what its transport raises; none of it may reach a committed request
        log.warning("relay not woken, the sweep will find the event: %s", fault)
        if breaker.failed(_TERMS, time.monotonic()):
            log.warning("the relay is not woken for %s s at a time until the broker is back", _TERMS.seconds)
    else:
        breaker.succeeded()


class Gathered:
    """A way to wake that does so at once, then once for all who asked in the following `seconds`.

    From a thread of its own: a message to the broker costs as much as the rest of a request. Whoever asks after a
    message was begun is followed by another one, so nobody's commit is left to the sweep.
    """

    def __init__(self, waker: Callable[[], None], seconds: float) -> None:
        """Keep the way; the thread starts with the first who asks."""
        self._waker, self._seconds = waker, seconds
        self._breaker = Breaker()
        self._asked = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        """Ask for the relay to be woken."""
        self._asked.set()
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                # A forked process has the object of its parent's thread and not the thread.
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="wake", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while self._asked.wait():
            self._asked.clear()
            _try(self._waker, self._breaker)
            time.sleep(self._seconds)
