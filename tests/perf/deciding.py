"""Decisions: the decide process and the web process against the bare floor, a batch against COPY, the database alone."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb
from uuid_utils import compat

from tests.perf import arithmetic, bed, load, terms
from tests.perf.bed import Bed
from tests.perf.load import Client, Reply

CLIENTS = 8
_DOCUMENTS = 500


@dataclass
class Rounds:
    """Figures of one subject, a value a round. CPU milliseconds an operation over all processes; times in ms."""

    cpu_ms: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p95_ms: list[float] = field(default_factory=list)
    per_s: list[float] = field(default_factory=list)

    def facts(self) -> dict[str, float]:
        """Return the median of each."""
        return {name: arithmetic.median(values) for name, values in vars(self).items() if values}


def compare(found: Bed, *, rounds: int, seconds: float) -> dict[str, Any]:
    """Run the floor, the decide process and the web process in turn, `rounds` times for `seconds` each."""
    documents = [terms.document(at) for at in range(_DOCUMENTS)]
    plain = [orjson.dumps(one) for one in documents]
    asked = [orjson.dumps({"input": one}) for one in documents]
    auth = {"Authorization": f"Bearer {found.made['key']}", "Content-Type": "application/json"}
    path = f"/api/v1/agents/{terms.AGENT}/decisions"
    subjects: dict[str, Callable[[float], load.Seen]] = {
        "floor": lambda s: load.run(_clients(plain, "/insert", {}), port=found.floor_port, seconds=s),
        "decide": lambda s: load.run(_clients(asked, path, auth), port=found.decide_port, seconds=s),
        "web": lambda s: load.run(_clients(asked, path, auth), port=found.stack.port, seconds=s),
    }
    for run in subjects.values():
        _checked(run(min(1.0, seconds)))
    kept = {name: Rounds() for name in subjects}
    for _ in range(rounds):
        for name, run in subjects.items():
            _round(found, kept[name], lambda run=run: run(seconds))  # type: ignore[misc]
    facts: dict[str, Any] = {name: one.facts() for name, one in kept.items()}
    for name in ("decide", "web"):
        facts[name]["cpu_vs_floor"] = arithmetic.ratio(kept[name].cpu_ms, kept["floor"].cpu_ms)
        facts[name]["p95_vs_floor"] = arithmetic.ratio(kept[name].p95_ms, kept["floor"].p95_ms)
    return facts


def _round(found: Bed, kept: Rounds, run: Callable[[], load.Seen]) -> None:
    before = found.cpu_ms()
    seen = _checked(run())
    spent = found.cpu_ms() - before
    samples = next(iter(seen.ms.values()))
    kept.cpu_ms.append(spent / seen.count)
    kept.p50_ms.append(arithmetic.percentile(samples, 0.5))
    kept.p95_ms.append(arithmetic.percentile(samples, 0.95))
    kept.per_s.append(seen.count / seen.seconds)


def _checked(seen: load.Seen) -> load.Seen:
    if seen.refused:
        raise RuntimeError(f"{len(seen.refused)} requests were refused: {seen.refused[0]}")
    return seen


def _clients(bodies: list[bytes], path: str, headers: dict[str, str]) -> list[Client]:
    def client(start: int) -> Client:
        for at in itertools.count(start, 61):
            yield load.request("POST", path, bodies[at % len(bodies)], headers)

    return [client(number * 7) for number in range(CLIENTS)]


def batches(found: Bed, *, rows: int, rounds: int) -> dict[str, Any]:
    """Send batches of 2,500 lines by two clients to the decide process; COPY the same documents for comparison."""
    key = {"Authorization": f"Bearer {found.made['key']}", "Content-Type": "application/x-ndjson"}
    path = f"/api/v1/agents/{terms.AGENT}/decisions/batch"
    size = 2500
    lines = [orjson.dumps({"input": terms.document(at)}) for at in range(size)]
    content = b"\n".join(lines) + b"\n"
    kept, copied = Rounds(), Rounds()
    each = max(1, rows // size // 2)

    def client() -> Client:
        for _ in range(each):
            reply: Reply = yield load.request("POST", path, content, key)
            results = reply.body.splitlines()
            bad = [line for line in results if b'"id"' not in line]
            if len(results) != size or bad:
                raise RuntimeError(
                    f"{len(results)} results of {size} lines, {len(bad)} without id: {bad[:1]!r}, after {reply.head!r}"
                )

    load.run([client()], port=found.decide_port, seconds=0.1)
    for _ in range(rounds):
        before, began = found.cpu_ms(), time.monotonic()
        _checked(load.run([client(), client()], port=found.decide_port))
        _per(kept, found.cpu_ms() - before, time.monotonic() - began, each * size * 2)
        before, began = found.cpu_ms(), time.monotonic()
        with (
            _database(found) as database,
            database.cursor() as cursor,
            cursor.copy("COPY bench_floor (id, document) FROM STDIN") as sink,
        ):
            for line in itertools.chain.from_iterable([lines] * (each * 2)):
                sink.write_row((compat.uuid7(), line.decode()))
        spent = found.cpu_ms() - before
        _per(copied, spent, time.monotonic() - began, each * size * 2)
    return {"batch": kept.facts(), "copy": copied.facts()}


def _per(kept: Rounds, cpu_ms: float, seconds: float, count: int) -> None:
    kept.cpu_ms.append(cpu_ms / count)
    kept.per_s.append(count / seconds)


def raw_insert(found: Bed, *, count: int) -> dict[str, Any]:
    """INSERT documents one by one from this process: what PostgreSQL and its driver cost alone."""
    kept = Rounds()
    documents = [terms.document(at) for at in range(200)]
    with _database(found) as database:
        for _ in range(3):
            before, began = found.cpu_ms(), time.monotonic()
            for at in range(count):
                database.execute(
                    "INSERT INTO bench_floor (id, document) VALUES (%s, %s)",
                    (compat.uuid7(), Jsonb(documents[at % 200], orjson.dumps)),
                )
            spent = found.cpu_ms() - before
            _per(kept, spent, time.monotonic() - began, count)
    return kept.facts()


def _database(found: Bed) -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(bed.addresses(found.stack)["DATABASE_URL"], autocommit=True, prepare_threshold=1)
