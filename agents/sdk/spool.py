"""Requests that could not be delivered, on disk until they can. Nothing is ever dropped.

One file an entry, named by its number, written aside, synchronised and renamed, so that a crash leaves whole entries
only. A lock file makes it safe for several processes; when the space is used up, whoever adds one more waits.
"""

import fcntl
import json
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .errors import SpoolFull

_LOOK_AGAIN = 0.05


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept request and where it lies."""

    path: Path
    body: dict[str, Any]


class Spool:
    """A folder of at most `max_bytes` of requests, shared by all processes of one agent."""

    def __init__(self, folder: str | Path, *, max_bytes: int = 64 * 1024 * 1024) -> None:
        """Open or make the folder."""
        self.folder = Path(folder)
        self.max_bytes = max_bytes
        # Names still to be delivered as last listed. What is kept later has a higher number, so the order holds.
        self._ahead: deque[str] = deque()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked() as state:
            self._recount(state)

    def put(self, body: Mapping[str, Any], *, timeout: float | None = None) -> None:
        """Keep a request; when it returns, the disk has it.

        Waits for room while the spool is full, which is what slows the caller down.

        Raises:
            ValueError: it is larger than the whole spool.
            SpoolFull: there was no room within `timeout` seconds (None waits for ever).
        """
        raw = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        if len(raw) > self.max_bytes:
            raise ValueError(f"An entry of {len(raw)} bytes is larger than the whole spool ({self.max_bytes}).")
        until = None if timeout is None else time.monotonic() + timeout
        while not self._added(raw):
            if until is not None and time.monotonic() >= until:
                raise SpoolFull(f"The spool in {self.folder} holds {self.max_bytes} bytes and nothing left it in time.")
            time.sleep(_LOOK_AGAIN)

    def lease(self) -> "Lease | None":
        """Return the right to deliver what is kept, None while another process has it. Close it afterwards."""
        lock = (self.folder / "drain.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return Lease(self, lock)

    def entries(self) -> Iterator[Entry]:
        """Yield what is kept, oldest first."""
        for path in sorted(self.folder.glob("*.json")):
            yield Entry(path, json.loads(path.read_bytes()))

    def __len__(self) -> int:
        """Return how many entries are kept."""
        return sum(1 for _ in self.folder.glob("*.json"))

    def __bool__(self) -> bool:
        """Tell whether anything is kept, at the same cost for one entry and for many."""
        with os.scandir(self.folder) as found:
            return any(one.name.endswith(".json") for one in found)

    def first(self) -> Entry | None:
        """Return the oldest entry, None when nothing is kept. Only who holds the lease may ask."""
        while True:
            if not self._ahead:
                self._ahead.extend(sorted(path.name for path in self.folder.glob("*.json")))
            if not self._ahead:
                return None
            path = self.folder / self._ahead[0]
            try:
                return Entry(path, json.loads(path.read_bytes()))
            except FileNotFoundError:
                # Delivered: by us just now, or by another process since the folder was listed.
                self._ahead.popleft()

    @property
    def size(self) -> int:
        """The bytes that are kept."""
        with self._locked() as state:
            return state["size"]

    def refused(self) -> list[dict[str, Any]]:
        """Return the entries that the server will never take, for a person to look at."""
        return [json.loads(path.read_bytes()) for path in sorted((self.folder / "refused").glob("*.json"))]

    def remove(self, entry: Entry, *, refused: bool) -> None:
        """Let an entry go: it was delivered, or the server will never take it and it moves to the folder `refused`."""
        with self._locked() as state:
            state["size"] = max(0, state["size"] - entry.path.stat().st_size)
            if refused:
                target = self.folder / "refused"
                target.mkdir(exist_ok=True, mode=0o700)
                entry.path.rename(target / entry.path.name)
                _sync_folder(target)
            else:
                entry.path.unlink()
            _sync_folder(self.folder)

    def _added(self, raw: bytes) -> bool:
        with self._locked() as state:
            if state["size"] + len(raw) > self.max_bytes:
                # The count may be high after a crash between counting and writing.
                self._recount(state)
                if state["size"] + len(raw) > self.max_bytes:
                    return False
            state["last"] += 1
            state["size"] += len(raw)
            aside = self.folder / f"{state['last']:020}.part"
            with aside.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(aside.with_suffix(".json"))
            _sync_folder(self.folder)
            return True

    def _recount(self, state: dict[str, int]) -> None:
        files = [*self.folder.glob("*.json"), *(self.folder / "refused").glob("*.json")]
        state["last"] = max([state["last"], *(int(path.stem) for path in files)])
        state["size"] = sum(path.stat().st_size for path in files if path.parent == self.folder)

    @contextmanager
    def _locked(self) -> Iterator[dict[str, int]]:
        """Hold the lock of all processes and threads; its file carries the last number and the size."""
        with (self.folder / "lock").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            state = {"last": 0, "size": 0}
            try:
                state["last"], state["size"] = (int(part) for part in file.read().split())
            except ValueError:
                # New, or cut short by a crash: the files know, and no number may be given twice.
                self._recount(state)
            yield state
            file.seek(0)
            file.truncate()
            file.write(f"{state['last']} {state['size']}")


class Lease:
    """The right to deliver what a spool keeps, in order. A crash gives it up; what was delivered and not yet removed is
    delivered again, so entries carry an idempotency key."""

    def __init__(self, spool: Spool, lock: IO[str]) -> None:
        """Hold the lock."""
        self._spool, self._lock = spool, lock

    def first(self) -> Entry | None:
        """Return the oldest entry, None when nothing is kept."""
        return self._spool.first()

    def remove(self, entry: Entry, *, refused: bool) -> None:
        """Let an entry go."""
        self._spool.remove(entry, refused=refused)

    def close(self) -> None:
        """Give the right back."""
        self._lock.close()


def _sync_folder(folder: Path) -> None:
    """Make a rename in the folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
