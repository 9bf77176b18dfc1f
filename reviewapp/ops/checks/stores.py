"""PostgreSQL, Redis, and what waits in them."""

import importlib.metadata
import platform
from pathlib import Path

import django
import redis
from celery import Celery
from django.conf import settings
from django.db import DatabaseError, connection

from reviewapp.core import clock
from reviewapp.core.events import selectors as events
from reviewapp.core.telemetry import health
from reviewapp.ops.checks.finding import Finding, fault, well

QUEUES = ("default", "events", "learning")
POSTGRES_MIN = 150000
REDIS_MIN = 7
SKEW_SECONDS_MAX = 2.0

# The sweep runs every two seconds; an event that waits this long has nobody to carry it.
EVENT_WAIT_SECONDS_MAX = 60.0
QUEUE_LENGTH_MAX = 1000
INSPECT_SECONDS = 1.5


def database() -> list[Finding]:
    """Look at PostgreSQL: whether it answers, its version, migrations, clock and size, and the outbox in it."""
    answer = health.database()
    if not answer.ok:
        return [fault("database", "PostgreSQL", answer.detail, "Start it with make run, or mend DATABASE_URL.")]
    found = [_postgres_version()]
    applied = health.migrations()
    mend = "Stop the product and run make run, which migrates; in production run manage.py migrate."
    found.append(
        well("database", "migrations", "all applied")
        if applied.ok
        else fault("database", "migrations", applied.detail, mend)
    )
    if not applied.ok:
        return found
    return [*found, _clock(), _size(), *_outbox()]


def broker() -> list[Finding]:
    """Look at Redis or Valkey: whether it answers, its version, the queues in it and who works them off."""
    answer = health.cache()
    if not answer.ok:
        return [
            fault(
                "queues",
                "Redis",
                answer.detail,
                "Start it with make run, or mend REDIS_URL; nothing recorded is lost meanwhile.",
            )
        ]
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        server = client.info("server")
        name, version = (
            ("Valkey", server["valkey_version"]) if "valkey_version" in server else ("Redis", server["redis_version"])
        )
        modern = int(version.split(".")[0]) >= REDIS_MIN
        found = [
            well("queues", name, version)
            if modern
            else fault("queues", name, version, f"Use {name} {REDIS_MIN} or newer.")
        ]
        lengths = {queue: int(client.llen(queue)) for queue in QUEUES}
        handed_out = int(client.hlen("unacked"))
    consumers = _consumers()
    for queue, length in lengths.items():
        found.append(_queue(queue, length, consumers.get(queue, [])))
    return [*found, well("queues", "in work", f"{handed_out} messages handed out and not finished")]


def versions(constraints: Path) -> list[Finding]:
    """Compare the installed packages with the lock file; packages that are locked and not installed are for tests."""
    differing = []
    for line in constraints.read_text(encoding="utf-8").splitlines():
        name, _, wanted = line.partition("==")
        if not wanted:
            continue
        try:
            present = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if present != wanted:
            differing.append(f"{name} is {present}, locked is {wanted}")
    basis = f"Python {platform.python_version()}, Django {django.get_version()}"
    if differing:
        return [
            fault(
                "versions",
                "packages",
                f"{basis}; " + "; ".join(differing),
                "Remove .venv/.installed-* and run make run.",
            )
        ]
    return [well("versions", "packages", f"{basis}; all as locked")]


def _postgres_version() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, version = cursor.fetchone()
    if number < POSTGRES_MIN:
        return fault("database", "PostgreSQL", f"{version}", "Use PostgreSQL 15 or newer.")
    return well("database", "PostgreSQL", f"{version}, answers")


def _clock() -> Finding:
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()[0]
    here = before + (clock.now() - before) / 2
    skew = (there - here).total_seconds()
    detail = f"PostgreSQL's differs from this machine's by {abs(skew):.2f} s"
    if abs(skew) > SKEW_SECONDS_MAX:
        return fault("database", "clock", detail, "Set both by NTP: leases and deadlines are compared across them.")
    return well("database", "clock", detail)


def _size() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())"
        )
        size, connections = cursor.fetchone()
    return well("database", "size", f"{size / 1024**2:.0f} MB, {connections} connections")


def _outbox() -> list[Finding]:
    try:
        state = events.outbox(now=clock.now())
    except DatabaseError as error:
        return [fault("events", "outbox", str(error).splitlines()[0], "Run manage.py migrate.")]
    waiting = (
        f"{state.waiting} events wait, the oldest for {state.oldest_seconds:.0f} s"
        if state.waiting
        else "no event waits"
    )
    if state.oldest_seconds > EVENT_WAIT_SECONDS_MAX:
        found = [
            fault(
                "events",
                "outbox",
                waiting,
                "See that worker and beat run, and read worker.log for the handler that fails.",
            )
        ]
    else:
        found = [well("events", "outbox", waiting)]
    if state.parked:
        mend = "Mend the cause, then run manage.py replay_events."
        found.append(
            fault("events", "parked", f"{state.parked} events failed too often; the last: {state.last_error}", mend)
        )
    else:
        found.append(well("events", "parked", "none"))
    return found


def _queue(queue: str, length: int, consumers: list[str]) -> Finding:
    detail = f"{length} messages wait; worked off by {', '.join(consumers) or 'nobody'}"
    if not consumers:
        return fault("queues", queue, detail, f"Start a Celery worker with --queues {queue}; make run does.")
    if length > QUEUE_LENGTH_MAX:
        return fault("queues", queue, detail, "Read worker.log for what takes so long, or start another worker.")
    return well("queues", queue, detail)


def _consumers() -> dict[str, list[str]]:
    """Ask the workers which queues they work off."""
    app = Celery("doctor", broker=settings.CELERY_BROKER_URL)
    with app.connection_for_write() as broker_connection:
        answers = app.control.inspect(timeout=INSPECT_SECONDS, connection=broker_connection).active_queues() or {}
    found: dict[str, list[str]] = {}
    for worker, queues in answers.items():
        for queue in queues:
            found.setdefault(queue["name"], []).append(worker.partition("@")[0])
    return found
