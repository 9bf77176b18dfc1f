"""`make run`: databases, one prepare process, then web, live, worker, learner and beat, until Ctrl-C.

Dead children are started again; a stop ends them in order. Run as `python -m reviewapp.ops.supervisor`.
"""

import contextlib
import ctypes
import errno
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import TextIO

from reviewapp.ops import banner, keys, leftovers, preflight, prepared, programs, ready
from reviewapp.ops.children import PR_SET_PDEATHSIG, Child, Program, tail
from reviewapp.ops.embedded import Embedded
from reviewapp.ops.places import CHECKOUT
from reviewapp.ops.refusal import Refusal

TICK_SECONDS = 0.1
READY_SECONDS = 120.0

# A process that ends this often before the product was ready once has a fault that restarting will not mend.
EARLY_DEATHS_MAX = 3


class Supervisor:
    """One run of the product on one machine."""

    def __init__(self, options: preflight.Options) -> None:
        self.options = options
        self.places = options.places
        self.shared = programs.environment(options, os.environ)
        self.began = time.monotonic()
        self.stopping = threading.Event()
        self.databases: Embedded | None = None
        self.children: list[Child] = []

    def run(self) -> int:
        """Run until told to stop; 0 after an orderly stop.

        Raises:
            Refusal: something outside must change first.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        preflight.check_state(self.places)
        with preflight.sole_run(self.places):
            for name in leftovers.sweep(self.places):
                self.say(f"ended {name}, left over from a run that was killed")
            preflight.check_port(self.options.bind, self.options.port, "web")
            preflight.check_port(self.options.bind, self.options.live_port, "live")
            try:
                self._start()
                self._watch()
            finally:
                self._stop()
        return 0

    def say(self, text: str) -> None:
        """Print one line of progress with the seconds since the start."""
        # The terminal may be gone; stopping the children matters more than saying so.
        with contextlib.suppress(OSError):
            print(f"[{time.monotonic() - self.began:6.1f} s] {text}", flush=True)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set() and number == signal.SIGINT:
            # The second Ctrl-C: the person does not want to wait. The databases stop fast anyway, and cleanly.
            for child in self.children:
                child.kill()
        self.stopping.set()

    def _all(self) -> list[Child]:
        return [*(self.databases.children if self.databases else []), *self.children]

    def _start(self) -> None:
        self.places.log.mkdir(exist_ok=True)
        self.places.log.chmod(0o700)
        for path in keys.ensure(self.places.keys):
            self.say(f"made {path.name.replace('_', ' ')}")
        keys.write_private(self.places.environment, programs.for_manage(self.shared))
        if self.options.own_database or self.options.own_redis:
            databases = Embedded(self.places, postgres=self.options.own_database, valkey=self.options.own_redis)
            self.databases = databases
            databases.start()
            self.say(f"{' and '.join(child.name for child in databases.children)} answer")
            leftovers.note(self.places, self._all())
        self._prepare()
        self._launch(programs.servers(self.options, self.shared))

    def _launch(self, listed: list[Program]) -> None:
        for program in listed:
            if self.stopping.is_set():
                return
            child = Child(program)
            self.children.append(child)
            child.start()
        leftovers.note(self.places, self._all())

    def _prepare(self) -> None:
        """Run migrations, static files and the demo in one process: three would each pay Django's start."""
        wanted = prepared.digest(self.shared, demo=self.options.demo)
        if self.options.own_database and prepared.is_current(self.places, wanted):
            return
        log = self.places.log / "prepare.log"
        log.unlink(missing_ok=True)
        argv = (sys.executable, "manage.py", "prepare", *(() if self.options.demo else ("--no-demo",)))
        child = Child(Program(name="prepare", argv=argv, log=log, environ=self.shared, directory=CHECKOUT))
        child.start()
        with log.open(encoding="utf-8", errors="replace") as lines:
            while child.exit_code is None and not self.stopping.wait(TICK_SECONDS):
                self._relay(lines)
            self._relay(lines)
        if self.stopping.is_set():
            child.kill_group()
        elif child.exit_code:
            raise Refusal(f"Preparing the database failed, see above; the same is in {log}.")
        elif self.options.own_database:
            prepared.mark(self.places, wanted)

    def _relay(self, lines: TextIO) -> None:
        for line in lines:
            self.say(line.rstrip())

    def _watch(self) -> None:
        announced = False
        launched = time.monotonic()
        while not self.stopping.is_set():
            now = time.monotonic()
            for child in self._all():
                self._mend(child, now, announced=announced)
            if not announced and ready.everywhere(self.options):
                announced = True
                self.say("ready")
                self._announce()
                # Last, so that the first page need not share the processor with them; work waits in its queues.
                self._launch(programs.workers(self.options, self.shared))
            if not announced and now - launched > READY_SECONDS:
                raise Refusal(
                    f"web and live did not become ready within {READY_SECONDS:.0f} seconds; {self.places.log}/web.log ends with:\n{tail(self.places.log / 'web.log')}"
                )
            self.stopping.wait(TICK_SECONDS)

    def _announce(self) -> None:
        first = not banner.shown_before(self.places)
        with contextlib.suppress(OSError):
            print(banner.text(self.options, first=first), flush=True)
        banner.mark_shown(self.places)

    def _mend(self, child: Child, now: float, *, announced: bool) -> None:
        """Start a dead child again, at once the first time and ever later after that."""
        if child.running:
            return
        if child.restart_at is None:
            code = child.exit_code
            delay = child.schedule_restart(now)
            if not announced and child.restarts > EARLY_DEATHS_MAX:
                raise Refusal(
                    f"{child.name} ends as soon as it starts (code {code}); {child.program.log} ends with:\n{tail(child.program.log)}"
                )
            self.say(f"{child.name} ended (code {code}); starting it again" + (f" in {delay:.1f} s" if delay else ""))
        if child.restart_at is not None and now >= child.restart_at:
            child.start()
            leftovers.note(self.places, self._all())

    def _stop(self) -> None:
        self.stopping.set()
        if self._all():
            self.say("stopping")
        named = {child.name: child for child in self.children}
        for names in programs.STOP_ORDER:
            group = [named[name] for name in names if name in named]
            for child in group:
                child.ask_to_stop()
            for child in group:
                if not child.finish():
                    self.say(f"{child.name} did not stop within {child.program.patience:.0f} s and was killed")
        if self.databases:
            self.databases.stop()
        leftovers.forget(self.places)
        self.say("stopped; the data stays in " + str(self.places.state))


def main() -> int:
    """Run the stack described by the environment; print one sentence and return 1 when it cannot run."""
    if sys.platform == "linux" and "MAKELEVEL" in os.environ:
        # Whoever kills make -9 means us: without this we would live on, unseen, and block the next run.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
    try:
        return Supervisor(preflight.options(os.environ)).run()
    except Refusal as refusal:
        print(f"countersign: {refusal}", file=sys.stderr)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(
            f"countersign: The disk is full ({error.filename or 'while writing'}): free some space, or choose another disk with COUNTERSIGN_STATE.",
            file=sys.stderr,
        )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
