"""Requests on disk: whole or not there, in order, bounded, never dropped."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agents.sdk import Spool, SpoolFull

WRITER = """
import itertools, sys
from agents.sdk import Spool
spool = Spool(sys.argv[1])
for number in itertools.count():
    spool.put({"key": f"{sys.argv[2]}-{number}", "request": {"text": "x" * 500}})
    print(number, flush=True)
"""


def keys(spool: Spool) -> list[str]:
    """Return the keys of what is kept."""
    return [entry.body["key"] for entry in spool.entries()]


def empty(spool: Spool, count: int = 1) -> list[str]:
    """Deliver the first entries and return their keys."""
    lease = spool.lease()
    assert lease is not None
    gone = []
    for _ in range(count):
        entry = lease.first()
        assert entry is not None
        lease.remove(entry, refused=False)
        gone.append(entry.body["key"])
    lease.close()
    return gone


def test_put__entries__are_kept_in_order_by_a_later_process_too(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(12):
        spool.put({"key": f"k{number}"})
    again = Spool(tmp_path)
    assert keys(again) == [f"k{number}" for number in range(12)]
    assert empty(again, 12) == [f"k{number}" for number in range(12)]
    assert (len(again), again.size) == (0, 0)


def test_put__no_room_within_the_time__says_so_and_keeps_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=200)
    spool.put({"key": "a" * 120})
    with pytest.raises(SpoolFull):
        spool.put({"key": "b" * 120}, timeout=0.1)
    assert len(spool) == 1


def test_put__spool_is_full__waits_until_there_is_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=200)
    spool.put({"key": "a" * 120})
    waiting = threading.Thread(target=spool.put, args=({"key": "b" * 120},))
    waiting.start()
    time.sleep(0.2)
    assert waiting.is_alive()
    empty(spool)
    waiting.join(5)
    assert keys(spool) == ["b" * 120]


def test_put__larger_than_the_whole_spool__is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="larger than the whole spool"):
        Spool(tmp_path, max_bytes=50).put({"key": "a" * 120})


def test_put__writer_is_killed__everything_it_reported_is_there_and_whole(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "w"], stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    for _ in range(20):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read().splitlines()
    writer.wait()
    writer.stdout.close()
    reported = 20 + len([line for line in rest if line])
    found = keys(Spool(tmp_path))
    assert found[:reported] == [f"w-{number}" for number in range(reported)]
    assert len(found) <= reported + 1


def test_put__two_processes_at_once__nothing_is_lost_or_overwritten(tmp_path: Path) -> None:
    code = WRITER.replace("itertools.count()", "range(40)")
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], stdout=subprocess.DEVNULL) for name in "ab"
    ]
    assert [one.wait(60) for one in both] == [0, 0]
    spool = Spool(tmp_path)
    assert sorted(keys(spool)) == sorted(f"{name}-{number}" for name in "ab" for number in range(40))
    assert spool.size == sum(path.stat().st_size for path in tmp_path.glob("*.json"))


def test_spool__crash_left_a_half_written_file_and_count__goes_on(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put({"key": "a"})
    (tmp_path / f"{2:020}.part").write_text('{"key": "ha')
    (tmp_path / "lock").write_text("7")
    again = Spool(tmp_path)
    again.put({"key": "b"})
    assert keys(again) == ["a", "b"]


def test_lease__another_has_it__is_none_until_it_is_closed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    mine = spool.lease()
    assert mine is not None
    assert spool.lease() is None
    mine.close()
    later = spool.lease()
    assert later is not None
    later.close()


def test_remove__server_never_takes_it__is_kept_apart_for_people(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put({"key": "bad"})
    entry = next(spool.entries())
    spool.remove(entry, refused=True)
    assert (len(spool), spool.size) == (0, 0)
    assert spool.refused() == [{"key": "bad"}]
    spool.put({"key": "next"})
    assert int(next(spool.entries()).path.stem) == 2


def test_folder__holds_cases__is_closed_to_others(tmp_path: Path) -> None:
    Spool(tmp_path / "spool")
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0


def test_first__another_process_delivered_some__goes_on_in_order(tmp_path: Path) -> None:
    one, other = Spool(tmp_path), Spool(tmp_path)
    for number in range(4):
        one.put({"key": f"k{number}"})
    assert empty(one) == ["k0"]
    assert empty(other, 2) == ["k1", "k2"]
    one.put({"key": "k4"})
    assert empty(one, 2) == ["k3", "k4"]
    assert not one
    assert not other
