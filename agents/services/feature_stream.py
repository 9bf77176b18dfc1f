"""Features from events: entries of a Redis Stream, each taken in once, whoever reads the stream.

A producer adds entries with the fields `view`, `entity`, `event_time`, `values` (JSON) and, if it is not the newest,
`version`. Entries are acknowledged after they are committed: a turn that dies leaves them pending, and a later one claims
them. Taking one in twice changes nothing, so "at least once" is enough. What is refused goes to a second stream with the
reason, never back into the first.
"""

import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, cast

import orjson
from django.conf import settings
from redis import Redis
from redis.exceptions import ResponseError

from agents.selectors import features, online
from agents.selectors.online import RedisError
from agents.services import ingestion
from reviewapp.core.errors import DomainError
from reviewapp.core.events import Actor

log = logging.getLogger(__name__)

ACTOR = Actor(kind="system", id="feature-stream", label="Feature stream")
_GROUP = "countersign"
_READER = "drain"
_KEPT = 10_000
_FIELDS = ("view", "version", "entity", "event_time", "values")
Entry = tuple[bytes, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Drained:
    """What a turn did: entries taken in (repeats too), and entries refused."""

    taken: int
    refused: int


def stream() -> str:
    """Return the key of the stream that producers add to."""
    return f"{settings.FEATURE_PREFIX}in"


def refusals() -> str:
    """Return the key of the stream of refused entries."""
    return f"{settings.FEATURE_PREFIX}refused"


def drain(*, seconds: float = 5.0) -> Drained | None:
    """Take in what waits in the stream, for about `seconds` at most; None while Redis is away."""
    store = online.client(settings.FEATURE_WRITE_SECONDS)
    ends, taken, refused = time.monotonic() + seconds, 0, 0
    try:
        _group(store)
        while entries := _abandoned(store) or _fresh(store):
            faults = _take(entries)
            _settle(store, entries, faults)
            taken, refused = taken + len(entries) - len(faults), refused + len(faults)
            if time.monotonic() > ends:
                break
    except RedisError as fault:
        log.warning("the feature stream waits for Redis: %s", fault)
        return None
    if refused:
        log.warning("%d entries of the feature stream were refused; they lie in %s", refused, refusals())
    return Drained(taken, refused)


def _group(store: Redis) -> None:
    try:
        store.xgroup_create(stream(), _GROUP, id="0", mkstream=True)
    except ResponseError as fault:
        if "BUSYGROUP" not in str(fault):
            raise


def _abandoned(store: Redis) -> list[Entry]:
    """Return entries that an earlier turn read and never acknowledged."""
    idle = round(settings.FEATURE_CLAIM_SECONDS * 1000)
    found = store.xautoclaim(stream(), _GROUP, _READER, idle, count=settings.FEATURE_STREAM_ROWS)
    return [_entry(one) for one in found[1] if one[1]]


def _fresh(store: Redis) -> list[Entry]:
    found = cast("list[Any]", store.xreadgroup(_GROUP, _READER, {stream(): ">"}, count=settings.FEATURE_STREAM_ROWS))
    return [_entry(one) for _, entries in found for one in entries]


def _entry(found: tuple[bytes, dict[bytes, bytes]]) -> Entry:
    return found[0], {name.decode(errors="replace"): value.decode(errors="replace") for name, value in found[1].items()}


def _take(entries: list[Entry]) -> dict[bytes, str]:
    """Take the entries in, view by view; return why some were refused, by their id."""
    faults: dict[bytes, str] = {}
    parts: dict[tuple[str, str], list[tuple[bytes, dict[str, Any]]]] = defaultdict(list)
    for identity, fields in entries:
        try:
            row = {
                "entity": fields["entity"],
                "event_time": fields["event_time"],
                "values": orjson.loads(fields["values"]),
            }
        except KeyError as fault:
            faults[identity] = f"The entry has no field {fault.args[0]}."
        except orjson.JSONDecodeError:
            faults[identity] = "values: This is not JSON."
        else:
            parts[fields.get("view", ""), fields.get("version", "")].append((identity, row))
    for (view, version), rows in parts.items():
        faults |= _take_view(view, version, rows)
    return faults


def _take_view(view: str, version: str, rows: list[tuple[bytes, dict[str, Any]]]) -> dict[bytes, str]:
    if version and not (version.isascii() and version.isdigit() and 0 < int(version) < 2**31):
        return dict.fromkeys((identity for identity, _ in rows), "version: Give a whole number from 1.")
    try:
        known = features.definition(view, int(version) if version else None)
        done = ingestion.ingest(view=known, rows=[row for _, row in rows], by=ACTOR)
    except DomainError as fault:
        return dict.fromkeys((identity for identity, _ in rows), fault.detail)
    return {
        identity: "; ".join(f"{path}: {words}" for path, words in result.fields.items())
        for (identity, _), result in zip(rows, done.results, strict=True)
        if result.status == "refused"
    }


def _settle(store: Redis, entries: list[Entry], faults: dict[bytes, str]) -> None:
    """Keep the refused aside, then acknowledge and remove all: what is committed needs no second reader."""
    pipe = store.pipeline(transaction=True)
    for identity, fields in entries:
        if identity in faults:
            kept: dict[Any, Any] = {name: fields[name][:4000] for name in _FIELDS if name in fields}
            pipe.xadd(refusals(), {**kept, "why": faults[identity]}, maxlen=_KEPT, approximate=True)
    ids = [identity for identity, _ in entries]
    pipe.xack(stream(), _GROUP, *ids)
    pipe.xdel(stream(), *ids)
    pipe.execute()
