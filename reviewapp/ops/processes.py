"""What the operating system knows about process groups, with or without procps."""

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One living process: its id, its group's id and its command line."""

    pid: int
    group: int
    command: str


def living() -> list[Process]:
    """Return every process that is alive and not a zombie."""
    if platform.system() == "Linux":
        # A bare Debian has no ps.
        found = (_from_proc(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [process for process in found if process]
    listing = subprocess.run(
        ["ps", "-axo", "pid=,pgid=,stat=,command="], capture_output=True, text=True, check=False
    ).stdout
    rows = (line.split(None, 3) for line in listing.splitlines())
    return [Process(int(row[0]), int(row[1]), row[3]) for row in rows if len(row) == 4 and not row[2].startswith("Z")]


def command_of(pid: int) -> str | None:
    """Return the command line of a living process, or None."""
    return next((process.command for process in living() if process.pid == pid), None)


def exists(pid: int) -> bool:
    """Tell whether the number is in use, be it by a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def in_group(group: int) -> list[Process]:
    """Return the living members of a process group."""
    return [process for process in living() if process.group == group]


def _from_proc(entry: Path) -> Process | None:
    try:
        # The name in parentheses may itself hold spaces and parentheses; the fields after the last one are plain.
        state, _parent, group = (
            (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
        )
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else Process(int(entry.name), int(group), command)
