"""Reads from Redis that end by a moment, whatever the other side does: does not accept, does not answer, drips bytes.

The client's own limits are for every step, and a read has several: connecting, the greeting, sending, each piece of the
answer. Here all of them share one limit, kept by the socket itself, without another thread.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.connection import Connection, UnixDomainSocketConnection

_here = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let what this thread reads from `TimedLine` and `TimedUnixLine` in the block end after `seconds`.

    Past it reads raise `redis.TimeoutError`. Looking a host's name up is the system's affair and is not cut short.
    """
    _here.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        _here.ends = None


def _left() -> float | None:
    """Return the seconds that are left, None without a limit. Raises `TimeoutError` when there are none."""
    ends = getattr(_here, "ends", None)
    if ends is None:
        return None
    left: float = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for this read is over")
    return left


class _Socket(socket.socket):
    """A socket that waits no longer than its thread may; `patience` is its limit where there is none."""

    patience: float | None

    def recv_into(self, *args: Any) -> int:
        """Receive like any socket."""
        self._hurry()
        return super().recv_into(*args)

    def sendall(self, *args: Any) -> None:
        """Send like any socket."""
        self._hurry()
        super().sendall(*args)

    def _hurry(self) -> None:
        left = _left()
        self.settimeout(self.patience if left is None else left)


def _timed(plain: socket.socket) -> _Socket:
    patience = plain.gettimeout()
    made = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    made.patience = patience
    return made


class TimedLine(Connection):
    """A TCP connection that keeps to `within`."""

    def _connect(self) -> socket.socket:
        patience = self.socket_connect_timeout
        try:
            self.socket_connect_timeout = _left() or patience
            return _timed(super()._connect())  # type: ignore[no-untyped-call]
        finally:
            self.socket_connect_timeout = patience


class TimedUnixLine(UnixDomainSocketConnection):
    """A connection by a socket file that keeps to `within`."""

    # The client asks for both when connecting takes too long, and has neither here: its own fault would hide that one.
    host, port = "", 0

    def _connect(self) -> socket.socket:
        patience = self.socket_connect_timeout
        try:
            self.socket_connect_timeout = _left() or patience
            return _timed(super()._connect())  # type: ignore[no-untyped-call]
        finally:
            self.socket_connect_timeout = patience
