"""The machine: processes of the stack, room on its disks, files that hold secrets."""

import os
import shutil
import stat
from pathlib import Path
from urllib.parse import urlsplit

from reviewapp.ops import leftovers, preflight, processes, ready
from reviewapp.ops.checks.finding import Finding, fault, well
from reviewapp.ops.places import Places

ROOM_BYTES_MIN = 1024**3
LOG_BYTES_MAX = 500 * 1024**2
START = "Start it with make run."


def running(where: Places, origins: dict[str, str]) -> list[Finding]:
    """Look at the processes the supervisor noted and ask the servers for their health.

    `origins` maps "web" and "live" to their addresses. A stack that is not run by `make run` is not looked at here.
    """
    noted = leftovers.groups(where)
    pid = leftovers.supervisor(where)
    if pid is None:
        return [fault("processes", "supervisor", f"nothing runs from {where.state}", START)]
    if processes.command_of(pid) is None:
        return [fault("processes", "supervisor", f"process {pid} is gone without having stopped the rest", START)]
    found = [well("processes", "supervisor", f"runs as process {pid}")]
    for name in (*noted, *(name for name in ("web", "live", "worker", "learner", "beat") if name not in noted)):
        log = where.log / f"{name}.log"
        if name in noted and processes.in_group(noted[name]):
            found.append(well("processes", name, f"runs as process {noted[name]}"))
        else:
            mend = f"The supervisor starts it again by itself; if it keeps ending, read {log}."
            found.append(fault("processes", name, "does not run", mend))
    for name, origin in origins.items():
        parts = urlsplit(origin)
        answer = ready.ask(parts.hostname or "127.0.0.1", parts.port or 80)
        if answer.status == 200:
            found.append(well("processes", f"{name} health", f"{origin}/healthz says ready"))
        else:
            said = f"{origin}/healthz says {answer.status or 'nothing'} {answer.detail}".strip()
            found.append(fault("processes", f"{name} health", said, f"Read {where.log}/{name}.log."))
    return found


def disks(where: Places) -> list[Finding]:
    """Look at the room beside the data and at the size of the logs."""
    found = []
    for label, directory in {"state": where.state, "data": where.data}.items():
        if not directory.exists() or (label == "data" and directory == where.state):
            continue
        free = shutil.disk_usage(directory).free
        detail = f"{free / 1024**3:.1f} GB free at {directory}"
        if free < preflight.FREE_BYTES_MIN:
            found.append(fault("disk", label, detail, "Free some space now: PostgreSQL stops when it cannot write."))
        elif free < ROOM_BYTES_MIN:
            found.append(
                fault("disk", label, detail, "Free some space soon, or move the state with COUNTERSIGN_STATE.")
            )
        else:
            found.append(well("disk", label, detail))
    logs = sum(path.stat().st_size for path in where.log.glob("*")) if where.log.is_dir() else 0
    detail = f"{logs / 1024**2:.0f} MB in {where.log}"
    mend = "Find out what fills them, then remove the old ones (*.log.1)."
    found.append(well("disk", "logs", detail) if logs < LOG_BYTES_MAX else fault("disk", "logs", detail, mend))
    return found


def secrets(where: Places, *, required: tuple[str, ...]) -> list[Finding]:
    """See that files holding secrets exist and that nobody else can read them.

    `required` names the files under `keys/` that must exist; none when the environment supplies the secrets.
    """
    found = [
        fault("keys", name, f"{where.keys / name} is missing or empty", "Run make run once: it makes what is missing.")
        for name in required
        if not _holds_something(where.keys / name)
    ]
    present = [
        path for path in (where.keys, *sorted(where.keys.glob("*")), where.demo, where.environment) if path.exists()
    ]
    for path in present:
        entry = path.stat()
        wanted = 0o700 if path.is_dir() else 0o600
        mode = stat.S_IMODE(entry.st_mode)
        if mode & ~wanted:
            mend = f"chmod {wanted:o} {path}; if others had access to this machine, also replace what is in it."
            found.append(fault("keys", path.name, f"others may read {path} (mode {mode:o})", mend))
        elif entry.st_uid != os.geteuid():
            mend = f"Run the doctor as the account that runs the product, or chown {os.geteuid()} {path}."
            found.append(fault("keys", path.name, f"{path} belongs to account {entry.st_uid}", mend))
        else:
            found.append(well("keys", path.name, f"only its owner reads it (mode {mode:o})"))
    return found or [well("keys", "files", "secrets come from the environment")]


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
