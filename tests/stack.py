"""The product as a person starts it: the real supervisor, on free ports, with a state directory of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reviewapp.ops import ready
from reviewapp.ops.children import tail
from tests import plugin

CHECKOUT = Path(__file__).resolve().parents[1]

# What a test run sets for itself and the product must not inherit.
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "COUNTERSIGN_STATE",
    # Set in this process by whatever imported the settings of the decide process.
    "COUNTERSIGN_ROLE",
    "DJANGO_SETTINGS_MODULE",
    "WEB_ORIGIN",
    "LIVE_ORIGIN",
    "PORT",
    "BIND",
)


@dataclass
class Stack:
    """One running product."""

    directory: Path
    port: int
    environ: dict[str, str] = field(default_factory=dict)
    log: str = "supervisor.log"
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Origin of the web process."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def live_url(self) -> str:
        """Origin of the live process."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def state(self) -> Path:
        """Its state directory."""
        return self.directory / "state"

    @property
    def output(self) -> str:
        """What the supervisor has printed since it was last started."""
        return (self.directory / self.log).read_text(encoding="utf-8")

    @property
    def people(self) -> dict[str, dict[str, Any]]:
        """The first demo person of each role: {role: {username, password, name, …}}."""
        listed = json.loads((self.state / "demo.json").read_text(encoding="utf-8"))["people"]
        return {person["role"]: person for person in reversed(listed)}

    @classmethod
    @contextmanager
    def started(cls, **environ: str) -> Iterator["Stack"]:
        """Start, wait until ready, and stop and remove everything afterwards."""
        stack = cls(directory=plugin.open_directory(), port=free_ports(), environ=environ)
        try:
            stack.start()
            stack.wait_ready()
            yield stack
        finally:
            stack.stop()
            shutil.rmtree(stack.directory, ignore_errors=True)

    def variables(self) -> dict[str, str]:
        """Return the environment the supervisor is started in."""
        inherited = {
            name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("PYTEST")
        }
        # What is submitted takes effect at once: most of what is watched comes after it. Who watches the undo says so.
        ours = {"PORT": str(self.port), "COUNTERSIGN_STATE": str(self.state), "COUNTERSIGN_UNDO_SECONDS": "0"}
        return {**inherited, **ours, **self.environ}

    def start(self) -> None:
        """Start the supervisor and return at once."""
        with (self.directory / self.log).open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reviewapp.ops.supervisor"],
                cwd=CHECKOUT,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, seconds: float = 180) -> None:
        """Wait until web and live say that they are ready."""
        until(
            lambda: self.exit_code is not None or self.healthy(),
            seconds,
            lambda: self.output,
        )
        assert self.exit_code is None, self.output

    def healthy(self) -> bool:
        """Tell whether web and live say that they are ready."""
        return all(ready.ask("127.0.0.1", port).status == 200 for port in (self.port, self.port + 1))

    @property
    def exit_code(self) -> int | None:
        """How the supervisor ended, or None while it runs."""
        return self.process.poll() if self.process else None

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the supervisor to stop, if it runs, and return its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def groups(self) -> dict[str, int]:
        """Return the process id of every child, by name."""
        noted = json.loads((self.state / "children.json").read_text(encoding="utf-8"))
        return {name: entry["group"] for name, entry in noted["groups"].items()}

    def logs(self) -> list[tuple[str, str]]:
        """Return the last lines of every log, by name."""
        found = [*sorted((self.state / "log").glob("*.log")), self.directory / self.log]
        return [(path.name, text) for path in found if (text := tail(path, 40))]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` as a person would in a second terminal."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


def free_ports() -> int:
    """Return a port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def until(condition: Callable[[], bool], seconds: float, describe: Callable[[], str] = str) -> float:
    """Wait for a condition and return the seconds it took; fail with a description when it does not come true."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds} s: {describe()}")
        time.sleep(0.1)
    return time.monotonic() - began
