"""One supervised program."""

import signal
import sys
import time
from pathlib import Path

import pytest

from reviewapp.ops import children, processes
from reviewapp.ops.children import Child, Program
from tests.stack import until

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"


def program(tmp_path: Path, *argv: str, patience: float = 5.0) -> Program:
    """Describe a small program that logs into the test's directory."""
    return Program(name="small", argv=argv, log=tmp_path / "log" / "small.log", patience=patience)


def test_finish__asked_to_stop__ends_by_itself(tmp_path: Path) -> None:
    child = Child(program(tmp_path, *SLEEPER))
    child.start()
    assert child.running
    child.ask_to_stop()
    assert child.finish()
    assert child.exit_code == -signal.SIGTERM


def test_finish__deaf_to_signals__is_killed_after_its_patience(tmp_path: Path) -> None:
    child = Child(program(tmp_path, sys.executable, "-c", STUBBORN, patience=0.3))
    child.start()
    until(lambda: "up" in children.tail(child.program.log), 10)
    child.ask_to_stop()
    assert not child.finish()
    assert child.exit_code == -signal.SIGKILL


def test_kill_group__forked_more__leaves_none_of_them(tmp_path: Path) -> None:
    child = Child(program(tmp_path, sys.executable, "-c", PARENT))
    child.start()
    assert child.process
    group = child.process.pid
    until(lambda: len(processes.in_group(group)) == 2, 10)
    child.process.kill()
    child.process.wait()
    assert len(processes.in_group(group)) == 1
    child.kill_group()
    until(lambda: not processes.in_group(group), 5)


def test_schedule_restart__keeps_dying__waits_longer_each_time(tmp_path: Path) -> None:
    child = Child(program(tmp_path, sys.executable, "-c", "raise SystemExit(3)"))
    delays = []
    for _ in range(9):
        child.start()
        assert child.process
        child.process.wait()
        delays.append(child.schedule_restart(time.monotonic()))
    assert delays == [0, 0.5, 1, 2, 4, 8, 16, 30, 30]
    assert child.exit_code == 3


def test_schedule_restart__was_healthy_for_long__starts_at_once_again(tmp_path: Path) -> None:
    child = Child(program(tmp_path, *SLEEPER))
    child.start()
    child.schedule_restart(time.monotonic())
    child.start()
    assert child.schedule_restart(time.monotonic() + children.HEALTHY_SECONDS + 1) == 0


def test_start__big_log__is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LOG_MAX_BYTES", 10)
    child = Child(program(tmp_path, sys.executable, "-c", "print('new')"))
    child.program.log.parent.mkdir()
    child.program.log.write_text("much longer than ten bytes", encoding="utf-8")
    child.start()
    child.finish()
    assert children.tail(child.program.log) == "new"
    assert child.program.log.with_suffix(".log.1").read_text(encoding="utf-8") == "much longer than ten bytes"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems clear up on the next run")
def test_start__parent_killed__takes_the_child_along(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from reviewapp.ops.children import Child, Program\n"
        f"child = Child(Program('small', {SLEEPER!r}, Path({str(tmp_path / 'small.log')!r})))\n"
        "child.start(); print(child.process.pid, flush=True); time.sleep(60)"
    )
    parent = Child(program(tmp_path, sys.executable, "-c", script))
    parent = Child(Program("parent", parent.program.argv, parent.program.log, directory=Path.cwd()))
    parent.start()
    until(lambda: children.tail(parent.program.log).isdigit(), 20, lambda: children.tail(parent.program.log))
    grandchild = int(children.tail(parent.program.log))
    assert parent.process
    parent.process.kill()
    until(lambda: processes.command_of(grandchild) is None, 5)
    parent.kill_group()
