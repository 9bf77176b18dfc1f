"""Reading what is newest: each thread has its own line to the store, and a line that was cut in between is no fault."""

import threading
from typing import Any

import pytest
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agents.selectors import deadline, online
from agents.selectors.online import Place

HERE = Place("nothing", 1, "nobody")


def line() -> Any:
    """Return this thread's line."""
    return online._line(online.client(settings.FEATURE_READ_SECONDS))[0]


def number() -> int:
    """Return what the store calls this thread's line."""
    mine = line()
    mine.send_command("CLIENT", "ID")
    return int(mine.read_response())


def open_lines() -> set[int]:
    """Return every line to the store by its number; other test processes have some too."""
    with Redis.from_url(settings.REDIS_URL) as store:
        return {int(one["id"]) for one in store.client_list()}


def cut(numbered: int) -> None:
    """Cut a line, as a restart of the store does."""
    with Redis.from_url(settings.REDIS_URL) as store:
        store.client_kill_filter(_id=str(numbered))


@pytest.fixture(autouse=True)
def _no_line_yet() -> None:
    online._here.__dict__.clear()


def test_newest__asked_again__uses_the_same_line() -> None:
    assert online.newest([HERE], timeout=2.0) == [None]
    first = number()
    assert [online.newest([HERE, HERE], timeout=2.0) for _ in range(3)] == [[None, None]] * 3
    assert number() == first


def test_newest__line_was_cut_in_between__is_answered_on_a_new_one() -> None:
    online.newest([HERE], timeout=2.0)
    first = number()
    cut(first)
    assert online.newest([HERE], timeout=2.0) == [None]
    assert number() != first


def test_newest__thread_ends__its_line_goes_with_it() -> None:
    seen: list[int] = []

    def ask() -> None:
        online.newest([HERE], timeout=2.0)
        seen.append(number())
        assert seen[0] in open_lines()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(20)
    assert len(seen) == 1
    assert not set(seen) & open_lines()


def test_newest__store_is_away__raises_and_the_line_works_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    online.newest([HERE], timeout=2.0)
    mine = line()

    def refused() -> None:
        raise ConnectionRefusedError

    cut(number())
    monkeypatch.setattr(mine, "_connect", refused)
    with pytest.raises(online.RedisError):
        online.newest([HERE], timeout=2.0)
    monkeypatch.undo()
    assert online.newest([HERE], timeout=2.0) == [None]


@pytest.mark.parametrize("kind", [deadline.TimedLine, deadline.TimedUnixLine])
def test_newest__connecting_takes_too_long__is_a_timeout(monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    def slow() -> None:
        raise TimeoutError("the time for this read is over")

    mine = kind(socket_timeout=0.1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(mine, "_connect", slow)
    with pytest.raises(online.RedisTimeout):
        online._asked(mine, ["nothing"])
