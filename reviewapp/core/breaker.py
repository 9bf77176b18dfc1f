"""A circuit breaker: after failures in a row nobody asks for a while, then one asks for all.

The state machine is pure, with time as an argument (M. Nygard, "Release It!", chapter 5). Open and half open are one
state here: whoever asks first after the pause becomes the probe and moves the pause on, so that the others go on
without waiting for it, and a probe that never reports back blocks nobody.
"""

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """How many failures in a row there were, and until when (seconds on the caller's clock) nobody asks."""

    failures: int = 0
    until: float | None = None


CLOSED = State()


@dataclass(frozen=True, slots=True)
class Terms:
    """Open after this many failures in a row, for this many seconds."""

    failures: int
    seconds: float


def ask(state: State, terms: Terms, now: float) -> tuple[State, bool]:
    """Return the next state and whether to ask now."""
    if state.until is None:
        return state, True
    if now < state.until:
        return state, False
    return State(state.failures, now + terms.seconds), True


def failed(state: State, terms: Terms, now: float) -> State:
    """Return the state after a failure."""
    failures = min(state.failures + 1, terms.failures)
    return State(failures, now + terms.seconds if failures >= terms.failures else None)


class Breaker:
    """One breaker of this process, for all its threads."""

    def __init__(self) -> None:
        """Start closed."""
        self._state = CLOSED
        self._lock = threading.Lock()

    @property
    def open(self) -> bool:
        """Say whether the last word was not to ask."""
        return self._state.until is not None

    def ask(self, terms: Terms, now: float) -> bool:
        """Say whether to ask now; after a yes, report `succeeded` or `failed`."""
        if self._state is CLOSED:
            return True
        with self._lock:
            self._state, may = ask(self._state, terms, now)
        return may

    def succeeded(self) -> None:
        """Close."""
        if self._state is not CLOSED:
            with self._lock:
                self._state = CLOSED

    def failed(self, terms: Terms, now: float) -> bool:
        """Count a failure; return whether it was the one that opened the breaker."""
        with self._lock:
            was = self._state
            self._state = failed(was, terms, now)
            return was.until is None and self._state.until is not None
