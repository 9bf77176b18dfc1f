"""What processes cost, by /proc."""

import os
import subprocess
import sys

import pytest

from tests.perf import machine

LINE = "812 (a (strange) name) S 17 812 812 0 -1 4194560 1 2 0 0 150 50 20 30 20 0 1 0 99 1 2 3\n"


def test_parse_stat__name_with_parentheses__reads_the_fields_after_the_last_one() -> None:
    stat = machine.parse_stat(LINE)
    tick = 1000 / os.sysconf("SC_CLK_TCK")
    assert (stat.pid, stat.parent) == (812, 17)
    assert (stat.own_ms, stat.ended_ms) == (200 * tick, 50 * tick)


def test_tree__roots_and_strangers__only_what_is_below() -> None:
    known = {pid: machine.Stat(pid, parent, 1.0, 0.0) for pid, parent in ((1, 0), (2, 1), (3, 2), (4, 1), (5, 9))}
    assert machine.tree([2], known) == {2, 3}
    assert machine.tree([1, 5, 77], known) == {1, 2, 3, 4, 5}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_cpu_ms__child_that_worked_and_ended__is_counted() -> None:
    before = machine.cpu_ms(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(6_000_000))"], check=True)
    assert machine.cpu_ms(os.getpid()) - before >= 50


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pss_mb__own_process__is_some_megabytes() -> None:
    assert 5 < machine.pss_mb(os.getpid()) < 10_000
