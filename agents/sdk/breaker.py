"""A circuit breaker: after a row of failures nobody is kept waiting for a server that is down.

Closed, open, half open as in Nygard, "Release It!", 2nd edition, chapter 5.
"""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Opens after `threshold` failures in a row; after `cool` seconds one request may try, and its end decides."""

    def __init__(self, threshold: int = 5, cool: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Start closed."""
        self._threshold, self._cool, self._clock = threshold, cool, clock
        self._failures = 0
        self._until = 0.0
        self._lock = threading.Lock()

    def blocked(self) -> float:
        """Return 0 when a request may go out, else the seconds until one may; the caller must report how it ended."""
        with self._lock:
            if self._failures < self._threshold:
                return 0.0
            left = self._until - self._clock()
            if left <= 0:
                # This caller is the one that tries; the others wait for its end.
                self._until = self._clock() + self._cool
                return 0.0
            return left

    def succeeded(self) -> None:
        """Close: the server answers."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Count a failure; enough of them open the circuit."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._threshold:
                self._until = self._clock() + self._cool
