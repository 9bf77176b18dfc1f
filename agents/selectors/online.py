"""Online feature values in Redis: one hash an entity and view, holding what is newest. PostgreSQL has the history.

A hash has two fields: `r`, the rank that decides which of two values is newer (event time, time of arrival, digest, so
that it is one comparison of text), and `v`, the values as JSON.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, cast

import orjson
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry

from agents.selectors import deadline

__all__ = ["Place", "RedisError", "RedisTimeout", "Value", "client", "key", "newest", "rank"]

# Encrypted lines keep the client's own limits, a step at a time.
_LINES: dict[str, dict[str, Any]] = {
    "redis": {"connection_class": deadline.TimedLine},
    "unix": {"connection_class": deadline.TimedUnixLine},
}
_here = threading.local()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Place(NamedTuple):
    """Where a value is looked up: a view's name and version, and the entity's id."""

    view: str
    version: int
    entity: str


class Value(NamedTuple):
    """What is newest of an entity, and since when that was so."""

    event_time: datetime
    values: Mapping[str, Any]


def key(place: Place) -> str:
    """Return the hash's key."""
    return f"{settings.FEATURE_PREFIX}{place.view}:{place.version}:{place.entity}"


def rank(event_time: datetime, ingested_at: datetime, digest: str) -> str:
    """Return text that sorts as (event time, time of arrival, digest) do, for moments after 1970."""
    moments = ((moment - _EPOCH) // _MICROSECOND for moment in (event_time, ingested_at))
    return ":".join([*(f"{moment:017d}" for moment in moments), digest])


@lru_cache(maxsize=8)
def client(timeout: float, url: str | None = None) -> Redis:
    """Return this process's client with a time limit in seconds for every step; it never tries a second time."""
    address = url or settings.REDIS_URL
    made: Redis = Redis.from_url(
        address,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        # Trying again is the caller's affair: a decision cannot wait for it, and a task is run again anyway.
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        **_LINES.get(address.partition(":")[0], {}),
    )
    return made


def newest(places: Sequence[Place], *, timeout: float) -> list[Value | None]:
    """Return what is newest at every place, in order and in one round trip; None where nothing is.

    Raises `RedisError` (`RedisTimeout` when it took too long) unless the store has answered within `timeout`
    seconds, connecting and all.
    """
    store = client(settings.FEATURE_READ_SECONDS)
    # Neighbouring lines of a batch are often of one entity, which is then asked for once.
    names = [key(place) for place in places]
    different = list(dict.fromkeys(names))
    with deadline.within(timeout):
        hashes = _hashes(store, different)
    found = {name: _value(held) for name, held in zip(different, hashes, strict=True)}
    return [found[name] for name in names]


def _hashes(store: Redis, names: Sequence[str]) -> list[Sequence[bytes | None]]:
    """Read hashes past the client's layers of retrying and converting, which take longer than the round trip."""
    line, kept = _line(store)
    try:
        return _asked(line, names)
    except RedisTimeout:
        raise
    except (RedisConnectionError, OSError):
        # The other side may have gone and come back since the line was last used: that is no fault of now.
        if not kept:
            raise
        return _asked(line, names)


def _asked(line: Any, names: Sequence[str]) -> list[Sequence[bytes | None]]:
    try:
        line.send_packed_command(line.pack_commands(("HMGET", name, "r", "v") for name in names))
        # Every answer is read before the line is used again, be one an error.
        return cast("list[Sequence[bytes | None]]", [line.read_response() for _ in names])
    except BaseException:
        # Half an answer may still be on its way: nobody must read it as theirs. It connects by itself when it is used again.
        line.disconnect()
        raise


def _line(store: Redis) -> tuple[Any, bool]:
    """Return this thread's own line to a store, and whether it was open already.

    Taking one out of the pool asks each time whether anything is left to read on it, which is a system call more. A child
    process must not read from its parent's line.
    """
    lines: dict[tuple[int, Redis], Any] = _here.__dict__.setdefault("lines", {})
    line = lines.get((os.getpid(), store))
    if line is not None:
        return line, True
    pool = store.connection_pool
    # As the pool makes them, but not in its books: it goes when its thread does.
    line = lines[os.getpid(), store] = pool.connection_class(**pool.connection_kwargs)
    return line, False


def _value(found: Sequence[bytes | None]) -> Value | None:
    order, values = found
    if order is None or values is None:
        return None
    return Value(_EPOCH + timedelta(microseconds=int(order[:17])), orjson.loads(values))
