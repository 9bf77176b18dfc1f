"""The test bed: the product as `make run` starts it, a decide process and the bare floor beside it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewapp.ops import ready
from tests.perf import machine
from tests.stack import Stack, free_ports, until

# The best of what was measured on two cores (docs/performance.md); the floor has the same.
WORKERS, THREADS = 2, 4


@dataclass
class Bed:
    """A running product with its measured neighbours; process ids are roots of whole trees."""

    stack: Stack
    inside: subprocess.Popen[str]
    decide: subprocess.Popen[bytes]
    floor: subprocess.Popen[bytes]
    decide_port: int
    floor_port: int
    made: dict[str, Any]

    def ask(self, do: str, **values: Any) -> dict[str, Any]:
        """Have something done inside the product. Raises `RuntimeError` when that failed."""
        assert self.inside.stdin is not None
        assert self.inside.stdout is not None
        self.inside.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self.inside.stdin.flush()
        line = self.inside.stdout.readline()
        if not line:
            raise RuntimeError(f"{do} failed: {(self.stack.directory / 'inside.log').read_text(encoding='utf-8')}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def roots(self) -> list[int]:
        """Return the root process of every tree that serves."""
        return [self.supervisor, self.decide.pid, self.floor.pid]

    @property
    def supervisor(self) -> int:
        """The product's own root process."""
        assert self.stack.process is not None
        return self.stack.process.pid

    def cpu_ms(self) -> float:
        """Return the CPU milliseconds so far of all processes: servers, workers, databases, and the clients (us)."""
        return machine.cpu_ms(*self.roots()) + time.process_time() * 1000

    @contextmanager
    def workers_still(self) -> Iterator[None]:
        """Hold the background workers, so that what a request costs is seen apart from what follows it."""
        groups = [group for name, group in self.stack.groups().items() if name in {"worker", "learner", "beat"}]
        known = machine.processes()
        held = machine.tree(groups, known)
        for pid in held:
            _signal(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in held:
                _signal(pid, signal.SIGCONT)

    def settle(self, seconds: float = 120) -> None:
        """Wait until the workers have handed on every event."""
        until(lambda: self.ask("counts")["outbox"] == 0, seconds, lambda: str(self.ask("counts")))


@contextmanager
def made(*, demo: bool) -> Iterator[Bed]:
    """Start everything, set up the measured agent, and remove it all afterwards."""
    with ExitStack() as doing:
        stack = doing.enter_context(Stack.started(DEMO="1" if demo else "0"))
        variables = {**stack.variables(), **addresses(stack)}
        inside = doing.enter_context(_inside(stack, variables))
        floor_port, decide_port = free_ports(), free_ports()
        # By its own line, so that a failure while setting up names its reason.
        bed = Bed(stack, inside, None, None, decide_port, floor_port, {})  # type: ignore[arg-type]
        bed.made = bed.ask("prepare")
        bed.floor = doing.enter_context(_granian(stack, "tests.perf.floor", floor_port, variables))
        bed.decide = doing.enter_context(_granian(stack, "reviewapp.wsgi_decide", decide_port, variables))
        yield bed


def addresses(stack: Stack) -> dict[str, str]:
    lines = (stack.state / "stack.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


@contextmanager
def _inside(stack: Stack, variables: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with (stack.directory / "inside.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.perf.inside"],
            env={**variables, "DJANGO_SETTINGS_MODULE": "reviewapp.settings.dev"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def _granian(stack: Stack, module: str, port: int, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    environ = {name: value for name, value in variables.items() if name != "DJANGO_SETTINGS_MODULE"}
    log_path = stack.directory / f"{module}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
                *("--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--log-level", "warning", "--no-ws"),
                f"{module}:application",
            ],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: _answers(process, port, log_path), 60, lambda: log_path.read_text(encoding="utf-8"))
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    if process.poll() is not None:
        raise AssertionError(f"the server ended:\n{log.read_text(encoding='utf-8')}")
    return ready.ask("127.0.0.1", port).status != 0


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def quiet(bed: Bed, *, seconds: float = 1.0, share: float = 0.15, patience: float = 20.0) -> float:
    """Wait, but not for ever, until processes that are not ours leave the machine alone; return their share of a core."""
    began = time.monotonic()
    while True:
        before = machine.processes()
        time.sleep(seconds)
        found = machine.foreign_share(*bed.roots(), seconds=seconds, before=before)
        if found <= share or time.monotonic() - began > patience:
            return found
