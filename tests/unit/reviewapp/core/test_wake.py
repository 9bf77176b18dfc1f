"""Waking for many at once: nobody is forgotten, and a burst is few messages."""

import threading
import time
from collections.abc import Callable

from reviewapp.core.wake import Gathered


def test_gathered__asked_in_a_burst__wakes_at_once_and_once_more() -> None:
    woken: list[float] = []
    wake = Gathered(lambda: woken.append(time.monotonic()), 0.05)
    for _ in range(100):
        wake()
    _until(lambda: len(woken) >= 1)
    time.sleep(0.2)
    assert 1 <= len(woken) <= 2


def test_gathered__asked_after_a_message_was_begun__is_followed_by_another() -> None:
    begun, go_on, woken = threading.Event(), threading.Event(), []

    def slow() -> None:
        begun.set()
        go_on.wait(5)
        woken.append(1)

    wake = Gathered(slow, 0.0)
    wake()
    assert begun.wait(5)
    wake()
    go_on.set()
    _until(lambda: len(woken) == 2)


def test_gathered__broker_is_down__goes_on_when_asked_later() -> None:
    tried: list[int] = []

    def broken() -> None:
        tried.append(1)
        raise ConnectionError("broker is down")

    wake = Gathered(broken, 0.0)
    wake()
    _until(lambda: tried == [1])
    wake()
    time.sleep(0.05)
    assert tried == [1], "the breaker spares the broker for a while"
    assert wake._thread is not None
    assert wake._thread.is_alive()


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not done():
        assert time.monotonic() < end
        time.sleep(0.005)
