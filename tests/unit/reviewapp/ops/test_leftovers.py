"""Clearing up after a supervisor that was killed."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewapp.ops import leftovers, places, processes
from reviewapp.ops.children import Child, Program
from reviewapp.ops.places import Places


@pytest.fixture
def where(tmp_path: Path) -> Places:
    """Places of a small installation."""
    return places.find(tmp_path)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Child]:
    """A child that outlives whoever started it."""
    # The path of our environment is in its command line, as in those of the real programs.
    child = Child(Program("sleeper", (sys.executable, "-c", "import time; time.sleep(60)"), tmp_path / "sleeper.log"))
    child.start()
    yield child
    child.kill_group()


def test_sweep__noted_child_still_lives__ends_it_and_names_it(where: Places, sleeper: Child) -> None:
    leftovers.note(where, [sleeper])
    assert leftovers.supervisor(where) == os.getpid()
    assert leftovers.sweep(where) == ["sleeper"]
    assert not processes.in_group(leftovers.groups(where).get("sleeper", -1))
    assert sleeper.exit_code is not None
    assert not where.children.exists()


def test_sweep__number_now_belongs_to_another_program__leaves_it_alone(
    where: Places, sleeper: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftovers.note(where, [sleeper])
    monkeypatch.setattr(leftovers.sys, "prefix", "/another/environment")
    assert leftovers.sweep(where) == []
    assert sleeper.running


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"supervisor": 1})])
def test_sweep__unreadable_note__is_as_none(where: Places, content: str) -> None:
    where.children.write_text(content, encoding="utf-8")
    assert leftovers.sweep(where) == []
