"""The product's own processes, each by its nature, and the environment they share."""

import os
import signal
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from reviewapp.ops.children import Program
from reviewapp.ops.places import CHECKOUT
from reviewapp.ops.preflight import LOOPBACK, Options

# Threads of a web process, the best of those measured on two cores. Each keeps a database connection, and none ever
# waits for a person.
WEB_THREADS = 4

# Order of stopping: first what takes work in, then what works it off.
STOP_ORDER = (("web", "live", "beat"), ("worker", "learner"))


def environment(options: Options, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of every process of this run."""
    where = options.places
    shared = dict(environ)
    shared.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.dev")
    shared["COUNTERSIGN_STATE"] = str(where.state)
    shared["WEB_ORIGIN"] = options.web_origin
    shared["LIVE_ORIGIN"] = options.live_origin
    if options.own_database:
        shared["DATABASE_URL"] = where.database_url
    if options.own_redis:
        shared["REDIS_URL"] = where.redis_url
    if not shared.get("ALLOWED_HOSTS"):
        named = (
            {urlsplit(options.web_origin).hostname or "", urlsplit(options.live_origin).hostname or ""}
            - LOOPBACK
            - {""}
        )
        shared["ALLOWED_HOSTS"] = ",".join(["127.0.0.1", "localhost", "[::1]", *sorted(named)])
    # Log lines appear when they are written; a child's own note of its port or address would contradict ours.
    shared["PYTHONUNBUFFERED"] = "1"
    for name in ("PORT", "BIND", "COUNTERSIGN_ROLE", "MAKEFLAGS", "MAKELEVEL"):
        shared.pop(name, None)
    return shared


def for_manage(shared: Mapping[str, str]) -> str:
    """Return the lines of `stack.env`, by which manage.py in another terminal finds this run."""
    names = ("DATABASE_URL", "REDIS_URL", "COUNTERSIGN_STATE", "WEB_ORIGIN", "LIVE_ORIGIN", "ALLOWED_HOSTS")
    return "".join(f"{name}={shared[name]}\n" for name in names if shared.get(name))


def servers(options: Options, shared: Mapping[str, str]) -> list[Program]:
    """Return what answers people and agents: web by threads, live for everything that waits."""
    host = options.bind
    web = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(options.port)),
        *("--workers", os.environ.get("WEB_WORKERS") or "1", "--blocking-threads", str(WEB_THREADS)),
        *("--workers-kill-timeout", "10", "--log-level", "warning", "--no-ws", "reviewapp.wsgi:application"),
    )
    live = (
        *(sys.executable, "-m", "uvicorn", "--host", host, "--port", str(options.live_port), "--lifespan", "off"),
        *("--timeout-graceful-shutdown", "3", "--no-access-log", "--log-level", "warning"),
        "reviewapp.asgi:application",
    )
    return [_program("web", web, options, shared), _program("live", live, options, shared, patience=8.0)]


def workers(options: Options, shared: Mapping[str, str]) -> list[Program]:
    """Return what works off the queues, the learner apart from the rest, and the clock that fills them.

    Threads, not processes of their own: on a laptop two more copies of the product are memory that nobody has to spare.
    """
    celery = (sys.executable, "-m", "celery", "--app", "reviewapp.celery")
    # Two workers on one machine need not introduce themselves; it only delays their start.
    worker = (*celery, "worker", "--loglevel", "WARNING", "--without-mingle", "--without-gossip", "--pool", "threads")
    everyday = (*worker, "--hostname", "worker@%h", "--queues", "default,events", "--concurrency", "2")
    learner = (*worker, "--hostname", "learner@%h", "--queues", "learning", "--concurrency", "1")
    schedule = str(options.places.state / "beat.db")
    beat = (*celery, "beat", "--loglevel", "WARNING", "--schedule", schedule, "--pidfile", "")
    return [
        _program("worker", everyday, options, shared),
        _program("learner", learner, options, shared),
        _program("beat", beat, options, {**shared, "COUNTERSIGN_ROLE": "beat"}),
    ]


def _program(
    name: str, argv: tuple[str, ...], options: Options, shared: Mapping[str, str], *, patience: float = 20.0
) -> Program:
    return Program(
        name=name,
        argv=argv,
        log=options.places.log / f"{name}.log",
        environ=shared,
        directory=CHECKOUT,
        stop_signal=signal.SIGTERM,
        patience=patience,
    )
