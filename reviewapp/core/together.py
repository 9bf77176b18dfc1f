"""Work of many threads done together: what waits while one call is on its way goes along with the next."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")


class Apart(Exception):
    """The work of several threads failed as a whole; each may try its own part alone."""


class _Part(Generic[A, R]):
    """One thread's part, and the lock it sleeps on until the part is done or the lead is its own."""

    __slots__ = ("asked", "done", "failed", "result", "wake")

    def __init__(self, asked: A) -> None:
        self.asked = asked
        self.done = False
        self.failed: BaseException | None = None
        self.result: R | None = None
        self.wake = threading.Lock()
        self.wake.acquire()


class Together(Generic[A, R]):
    """A call whose work is done for all threads that ask meanwhile: combining, as in Hendler, Incze, Shavit and Tzafrir,
    "Flat Combining and the Synchronization-Parallelism Tradeoff" (SPAA 2010).

    Nobody waits for company: a thread that finds nothing under way begins at once, with its own part alone. Parts that
    come while it works are done by the first of those threads, all in one. `work` takes the parts asked for and returns
    their results in the same order.
    """

    def __init__(self, work: Callable[[Sequence[A]], Sequence[R]], *, most: int) -> None:
        self._work, self._most = work, most
        self._lock = threading.Lock()
        self._waiting: deque[_Part[A, R]] = deque()
        self._busy = False

    def __call__(self, asked: A) -> R:
        """Return the result for one part. Raises what `work` raised for a part alone, and `Apart` for several."""
        mine: _Part[A, R] = _Part(asked)
        with self._lock:
            alone = not self._busy
            self._busy = True
            if not alone:
                self._waiting.append(mine)
        if not alone:
            mine.wake.acquire()
        if not mine.done:
            self._lead(mine)
        if mine.failed is not None:
            raise mine.failed
        return mine.result  # type: ignore[return-value]  # done without failure: `work` gave it

    def _lead(self, mine: _Part[A, R]) -> None:
        parts = [mine]
        with self._lock:
            while self._waiting and len(parts) < self._most:
                parts.append(self._waiting.popleft())
        try:
            results = self._work([part.asked for part in parts])
            for part, result in zip(parts, results, strict=True):
                part.result = result
        except BaseException as fault:  # whatever it was, nobody may sleep for ever
            for part in parts:
                part.failed = fault if len(parts) == 1 else Apart(str(fault))
        finally:
            with self._lock:
                following = self._waiting.popleft() if self._waiting else None
                self._busy = following is not None
            for part in parts[1:]:
                part.done = True
                part.wake.release()
            mine.done = True
            if following is not None:
                following.wake.release()
