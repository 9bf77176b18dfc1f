"""Clearing up after a supervisor that was killed: what it started, and what that left."""

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from reviewapp.ops import keys, processes
from reviewapp.ops.children import Child
from reviewapp.ops.places import Places

PATIENCE_SECONDS = 15.0


def note(places: Places, children: list[Child]) -> None:
    """Write down the process groups of this run and how each is asked to stop."""
    groups = {
        child.name: {"group": child.process.pid, "signal": int(child.program.stop_signal)}
        for child in children
        if child.process and child.running
    }
    keys.write_private(places.children, json.dumps({"supervisor": os.getpid(), "groups": groups}))


def forget(places: Places) -> None:
    """Remove the note after an orderly stop."""
    places.children.unlink(missing_ok=True)


def supervisor(places: Places) -> int | None:
    """Return the process id of the last run's supervisor, as noted; it need not be alive."""
    noted = _read(places).get("supervisor")
    return noted if isinstance(noted, int) else None


def groups(places: Places) -> dict[str, int]:
    """Return name -> process group of the last run, as noted; none need be alive."""
    noted = _read(places).get("groups")
    if not isinstance(noted, dict):
        return {}
    return {name: entry["group"] for name, entry in noted.items()}


def sweep(places: Places) -> list[str]:
    """End what a killed run left alive and return the names; call it only while holding the installation's lock.

    On Linux the children were already asked by the kernel when their parent died; here they are asked again,
    given time to finish, then killed.
    """
    noted = _read(places).get("groups")
    left = (
        {name: entry for name, entry in noted.items() if _ours(entry["group"], places)}
        if isinstance(noted, dict)
        else {}
    )
    for entry in left.values():
        _signal(entry["group"], entry["signal"])
    end = time.monotonic() + PATIENCE_SECONDS
    while any(_ours(entry["group"], places) for entry in left.values()):
        if time.monotonic() > end:
            for entry in left.values():
                _signal(entry["group"], signal.SIGKILL)
            break
        time.sleep(0.1)
    forget(places)
    return sorted(left)


def _ours(group: int, places: Places) -> bool:
    """Tell whether a group lives and is ours: numbers are reused, so a command must name our environment or our data."""
    marks = (sys.prefix, str(places.data), str(places.run))
    return any(mark in process.command for process in processes.in_group(group) for mark in marks)


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _read(places: Places) -> dict[str, object]:
    path: Path = places.children
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
