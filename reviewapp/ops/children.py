"""One supervised program: started in a session of its own, watched, restarted with back-off, stopped."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reviewapp.ops.places import Account
from reviewapp.ops.refusal import Refusal

PR_SET_PDEATHSIG = 1
LOG_MAX_BYTES = 10 * 1024 * 1024

# A program that lived this long starts with a clean record; one that dies sooner waits longer each time.
HEALTHY_SECONDS = 30.0
DELAY_FIRST_SECONDS = 0.5
DELAY_MAX_SECONDS = 30.0


@dataclass(frozen=True)
class Program:
    """How to run one program and how to stop it; `patience` is the seconds between asking and killing."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environ: Mapping[str, str] | None = None
    directory: Path = Path("/")
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 20.0
    before: Callable[[], None] | None = field(default=None, compare=False)


class Child:
    """A program and the process that currently runs it.

    Must be started from the main thread: on Linux the parent-death signal follows the thread that forked.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.restarts = 0
        self.restart_at: float | None = None
        self._quick_deaths = 0

    @property
    def name(self) -> str:
        """The program's short name."""
        return self.program.name

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How the process ended, or None while it runs or was never started."""
        return None if self.process is None else self.process.poll()

    def start(self) -> None:
        """Start the process with its output appended to its log.

        Raises:
            Refusal: we may not become the program's account.
        """
        program = self.program
        if program.before:
            program.before()
        program.log.parent.mkdir(parents=True, exist_ok=True)
        _rotate(program.log)
        account = program.account
        try:
            with program.log.open("ab") as log:
                self.process = subprocess.Popen(
                    program.argv,
                    cwd=program.directory,
                    env=None if program.environ is None else dict(program.environ),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Its own session: Ctrl-C reaches the supervisor alone, which then stops the rest in order.
                    start_new_session=True,
                    user=account.uid if account else None,
                    group=account.gid if account else None,
                    extra_groups=[] if account else None,
                    preexec_fn=_die_with_parent(program.stop_signal),  # noqa: PLW1509 - one thread, see the class
                )
        except PermissionError as error:
            raise Refusal(
                f"{program.name} cannot be started ({error}): start as a normal user, or set DATABASE_URL and REDIS_URL."
            ) from error
        self.started = time.monotonic()
        self.restart_at = None

    def schedule_restart(self, now: float) -> float:
        """Note that the process died, clear up what it left, and return the seconds to wait before the next start.

        `now` is a monotonic time. Delays double from half a second to half a minute; the first restart is immediate.
        """
        self.kill_group()
        if now - self.started > HEALTHY_SECONDS:
            self._quick_deaths = 0
        delay = (
            0.0
            if self._quick_deaths == 0
            else min(DELAY_FIRST_SECONDS * 2 ** (self._quick_deaths - 1), DELAY_MAX_SECONDS)
        )
        self._quick_deaths += 1
        self.restarts += 1
        self.restart_at = now + delay
        return delay

    def ask_to_stop(self) -> None:
        """Send the stop signal, if the process is alive."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.program.stop_signal)

    def finish(self) -> bool:
        """Wait for the process to end within its patience, then kill its whole group; True when it ended by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(self.program.patience)
        except subprocess.TimeoutExpired:
            self.kill_group()
            return False
        self.kill_group()
        return True

    def kill(self) -> None:
        """Send SIGKILL to the process and everything it forked; a killed server leaves workers that hold its port."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def kill_group(self) -> None:
        """Kill, and wait until the process is gone."""
        self.kill()
        if self.process is not None:
            self.process.wait()


def tail(path: Path, lines: int = 15) -> str:
    """Return the last lines of a log, or nothing when there is none."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _rotate(log: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_MAX_BYTES:
            log.replace(log.with_suffix(".log.1"))


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Make a hook that ties a child's life to ours, so that kill -9 of the supervisor leaves no orphans.

    Runs after the change of account, which would clear the setting. Linux only; elsewhere the next run clears up.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl

    def hook() -> None:
        prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return hook
