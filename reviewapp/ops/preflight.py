"""What must hold before anything starts; each fault is one sentence that says what to do."""

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reviewapp.ops import leftovers, places
from reviewapp.ops.places import Places
from reviewapp.ops.refusal import Refusal

# A first run writes about 100 MB of database and static files; PostgreSQL stops when its log cannot grow.
FREE_BYTES_MIN = 300 * 1024 * 1024
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Options:
    """What the person asked for, checked. Ports and addresses are those the servers bind and people type."""

    places: Places
    bind: str
    port: int
    web_origin: str
    live_origin: str
    demo: bool
    own_database: bool
    own_redis: bool

    @property
    def live_port(self) -> int:
        """The live process listens right beside the web process."""
        return self.port + 1


def options(environ: Mapping[str, str]) -> Options:
    """Read PORT, BIND, WEB_ORIGIN, LIVE_ORIGIN, DEMO, COUNTERSIGN_STATE, DATABASE_URL and REDIS_URL.

    Raises:
        Refusal: a value cannot be used.
    """
    raw = environ.get("PORT") or "8000"
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= 65534:
        raise Refusal(f"PORT is {raw!r}: use a number from 1 to 65534, such as make run PORT=9000.")
    port = int(raw)
    bind = environ.get("BIND") or "127.0.0.1"
    web_origin = (environ.get("WEB_ORIGIN") or "").rstrip("/")
    if not web_origin:
        if bind not in LOOPBACK:
            raise Refusal(
                f"BIND={bind} opens the product to the network: also set WEB_ORIGIN to the address people type, such as http://192.0.2.7:{port}."
            )
        web_origin = f"http://{_in_url(bind)}:{port}"
    parts = urlsplit(web_origin)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refusal(f"WEB_ORIGIN is {web_origin!r}: use an address such as http://127.0.0.1:{port}.")
    live_origin = (environ.get("LIVE_ORIGIN") or f"{parts.scheme}://{_in_url(parts.hostname)}:{port + 1}").rstrip("/")
    return Options(
        places=places.find(places.state_directory(environ)),
        bind=bind,
        port=port,
        web_origin=web_origin,
        live_origin=live_origin,
        demo=environ.get("DEMO", "1") != "0",
        own_database=not environ.get("DATABASE_URL"),
        own_redis=not environ.get("REDIS_URL"),
    )


def check_state(where: Places) -> None:
    """Make the state directory and see that it is ours and has room.

    Raises:
        Refusal: it cannot be made or written, or the disk is nearly full.
    """
    try:
        where.state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(
            f"{where.state} cannot be made ({error.strerror}): choose another directory with COUNTERSIGN_STATE."
        ) from error
    if not os.access(where.state, os.W_OK | os.X_OK) or where.state.stat().st_uid != os.geteuid():
        raise Refusal(
            f"{where.state} belongs to another account: start as that account, or choose another directory with COUNTERSIGN_STATE."
        )
    for directory in {where.state, _nearest(where.data)}:
        free = shutil.disk_usage(directory).free
        if free < FREE_BYTES_MIN:
            raise Refusal(
                f"The disk is full: {free // 2**20} MB are free at {directory} and {FREE_BYTES_MIN // 2**20} MB are needed; "
                "free some space, or choose another disk with COUNTERSIGN_STATE."
            )


def check_port(bind: str, port: int, process: str) -> None:
    """See that the port can be bound.

    Raises:
        Refusal: another program has it, or we may not use it.
    """
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        # Ports of connections that just ended count as free, as they do for the servers.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except PermissionError as error:
            raise Refusal(
                f"Port {port} is reserved for root: choose one above 1023, such as make run PORT=9000."
            ) from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                base = port if process == "web" else port - 1
                raise Refusal(
                    f"Port {port} (for the {process} process) is taken by another program: stop that, or choose another with make run PORT={_other(base)}."
                ) from error
            raise Refusal(
                f"{bind}:{port} cannot be used ({error.strerror}): set BIND to an address of this machine."
            ) from error


@contextmanager
def sole_run(where: Places) -> Iterator[None]:
    """Hold the installation's lock; the kernel drops it however we end.

    Raises:
        Refusal: another supervisor holds it.
    """
    with (where.state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = leftovers.supervisor(where)
            stop = f"stop it with Ctrl-C in its terminal or with kill {pid}" if pid else "wait until it has stopped"
            raise Refusal(
                f"Countersign already runs from {where.state}: {stop}, or start a second one with another COUNTERSIGN_STATE and PORT."
            ) from error
        yield


def _nearest(directory: Path) -> Path:
    return next(path for path in (directory, *directory.parents) if path.exists())


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _other(port: int) -> int:
    return port + 1000 if port + 1000 <= 65534 else 8000
