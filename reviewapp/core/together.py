"""Work that threads do together: what is on its way at the same moment is written at once."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")


class Apart(Exception):
    """The work of several threads failed as a whole; each may try its own part alone."""


class _Part(Generic[A, R]):
    """One thread's part, and the lock it sleeps on until its part is done or it is to lead."""

    __slots__ = ("asked", "done", "failed", "result", "wake")

    def __init__(self, asked: A) -> None:
        self.asked = asked
        self.done = False
        self.failed: BaseException | None = None
        self.result: R | None = None
        self.wake = threading.Lock()
        self.wake.acquire()


class Together(Generic[A, R]):
    """A call whose work is done for all threads that are about to ask for it, by the last of them to come.

    Group commit, as databases do it for their logs (DeWitt et al., "Implementation Techniques for Main Memory Database
    Systems", SIGMOD 1984), one step earlier. `work` takes the parts asked for and returns their results in the same
    order. A thread says by `coming` that it will ask, and whoever asks waits for those, never longer than `patience`
    seconds, and not at all when nobody is coming. At most `most` parts go together.
    """

    def __init__(self, work: Callable[[Sequence[A]], Sequence[R]], *, most: int, patience: float) -> None:
        self._work, self._most, self._patience = work, most, patience
        self._lock = threading.Lock()
        self._waiting: list[_Part[A, R]] = []
        self._coming = 0
        self._here = threading.local()

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Say that this thread will ask, for as long as the block goes on and it has not asked or left."""
        self._here.expected = True
        with self._lock:
            self._coming += 1
        try:
            yield
        finally:
            self.leave()

    def leave(self) -> None:
        """Say that this thread will not ask after all: nobody waits for it any longer."""
        if not getattr(self._here, "expected", False):
            return
        self._here.expected = False
        with self._lock:
            self._coming -= 1
            if self._coming == 0 and self._waiting:
                _wake(self._waiting[-1])

    def __call__(self, asked: A) -> R:
        """Return the result for one part. Raises what `work` raised for a part alone, and `Apart` for several."""
        mine: _Part[A, R] = _Part(asked)
        with self._lock:
            if getattr(self._here, "expected", False):
                self._here.expected = False
                self._coming -= 1
            self._waiting.append(mine)
            whole = self._coming == 0 or len(self._waiting) >= self._most
            parts = self._taken() if whole else []
        if (not parts and not mine.wake.acquire(timeout=self._patience)) or (not parts and not mine.done):
            parts = self._led(mine)
        if parts:
            self._lead(parts)
        if mine.failed is not None:
            raise mine.failed
        return mine.result  # type: ignore[return-value]  # done without failure: `work` gave it

    def _taken(self) -> list[_Part[A, R]]:
        parts, self._waiting = self._waiting, []
        return parts

    def _led(self, mine: _Part[A, R]) -> list[_Part[A, R]]:
        """Return the parts that wait, to be led by this thread; when another has taken them, wait until it is done."""
        with self._lock:
            if mine in self._waiting:
                return self._taken()
        while not mine.done:
            mine.wake.acquire()
        return []

    def _lead(self, parts: Sequence[_Part[A, R]]) -> None:
        try:
            results = self._work([part.asked for part in parts])
            for part, result in zip(parts, results, strict=True):
                part.result = result
        except BaseException as fault:
            for part in parts:
                part.failed = fault if len(parts) == 1 else Apart(str(fault))
            if not isinstance(fault, Exception):
                raise
        finally:
            for part in parts:
                part.done = True
                _wake(part)


def _wake(part: "_Part[Any, Any]") -> None:
    # Told to lead and not yet awake: it will look whether its part is done.
    if part.wake.locked():
        part.wake.release()
