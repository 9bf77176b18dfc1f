"""Is this process ready to work? Asked by load balancers, the supervisor and the doctor."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its name, whether it is well, a sentence, and how long the look took in milliseconds."""

    name: str
    ok: bool
    detail: str
    ms: float


_reports: list[Callable[[], Check]] = []


def report(look: Callable[[], Check]) -> None:
    """Show what `look` finds among the checks of this process. It is told and does not decide readiness."""
    if look not in _reports:
        _reports.append(look)


def database() -> Check:
    """Ask PostgreSQL for one row."""
    began = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as fault:
        return Check("database", ok=False, detail=str(fault).splitlines()[0], ms=_since(began))
    return Check("database", ok=True, detail="answers", ms=_since(began))


def cache() -> Check:
    """Ping Redis."""
    began = time.perf_counter()
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError) as fault:
        return Check("redis", ok=False, detail=str(fault).splitlines()[0], ms=_since(began))
    return Check("redis", ok=True, detail="answers", ms=_since(began))


def migrations() -> Check:
    """Say whether the database knows every migration of this code."""
    began = time.perf_counter()
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as fault:
        return Check("migrations", ok=False, detail=str(fault).splitlines()[0], ms=_since(began))
    if missing:
        return Check(
            "migrations", ok=False, detail=f"{len(missing)} not applied: run manage.py migrate", ms=_since(began)
        )
    return Check("migrations", ok=True, detail="applied", ms=_since(began))


def ready() -> tuple[bool, list[Check]]:
    """Return whether this process can serve, and what was looked at.

    Redis and what planes report do not decide: decisions go on without them, by contract.
    """
    checks = [database(), cache(), *(look() for look in _reports)]
    return checks[0].ok, checks


def host() -> str:
    """Return this machine's name."""
    return socket.gethostname()


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
