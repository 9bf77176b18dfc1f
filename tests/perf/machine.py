"""What processes cost: CPU time and memory of whole process trees, read from Linux's /proc."""

import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Stat:
    """One process: its parent, and CPU milliseconds of its own and of children that ended."""

    pid: int
    parent: int
    own_ms: float
    ended_ms: float


def parse_stat(text: str) -> Stat:
    """Read the line of `/proc/<pid>/stat` (proc_pid_stat(5)); the name in parentheses may hold anything."""
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    user, system, ended_user, ended_system = (int(field) for field in fields[11:15])
    return Stat(
        pid=int(head.split(" ", 1)[0]),
        parent=int(fields[1]),
        own_ms=(user + system) * _TICK_MS,
        ended_ms=(ended_user + ended_system) * _TICK_MS,
    )


def processes() -> dict[int, Stat]:
    """Return every living process by its id."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                stat = parse_stat((entry / "stat").read_text(encoding="utf-8", errors="replace"))
            except (OSError, ValueError):
                continue
            found[stat.pid] = stat
    return found


def tree(roots: Iterable[int], known: Mapping[int, Stat]) -> set[int]:
    """Return the ids of the roots and of everything below them."""
    children: dict[int, list[int]] = {}
    for stat in known.values():
        children.setdefault(stat.parent, []).append(stat.pid)
    found: set[int] = set()
    todo = [pid for pid in roots if pid in known]
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.add(pid)
            todo += children.get(pid, [])
    return found


def cpu_ms(*roots: int) -> float:
    """Return the CPU milliseconds of whole trees so far, with those of processes in them that have ended."""
    known = processes()
    return sum(known[pid].own_ms + known[pid].ended_ms for pid in tree(roots, known))


def pss_mb(*roots: int) -> float:
    """Return the memory of whole trees in MB (1024 KiB): each shared page counted once, in equal parts."""
    total = 0
    for pid in tree(roots, processes()):
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def foreign_share(*roots: int, seconds: float, before: Mapping[int, Stat]) -> float:
    """Return how many cores' worth of CPU processes outside the trees have used since `before`, `seconds` ago."""
    known = processes()
    ours = tree([*roots, os.getpid()], known)
    used = sum(stat.own_ms - before[pid].own_ms for pid, stat in known.items() if pid in before and pid not in ours)
    return used / 1000 / seconds


def description() -> str:
    """Return one line on the machine: processor, cores, memory, kernel."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    names = [
        line.split(":", 1)[1].strip()
        for line in (PROC / "cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    name = names[0] if names else platform.machine()
    return f"{os.cpu_count()} cores ({name}), {memory:.0f} GiB, Linux {platform.release()}, Python {platform.python_version()}"
