"""Stopping, killing and doubling the supervisor itself."""

import os
import signal
import socket
import time

import psycopg
import pytest

from reviewapp.ops import places, processes
from tests.stack import Stack, until


def ours(stack: Stack) -> list[str]:
    """Return the commands of every process that belongs to this product."""
    marks = (str(stack.state), f"--port {stack.port} ", f"--port {stack.port + 1} ")
    return [process.command for process in processes.living() if any(mark in process.command for mark in marks)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal__asked_to_stop__ends_every_child_and_exits_with_zero(fresh: Stack, number: signal.Signals) -> None:
    groups = fresh.groups()
    assert fresh.stop(number) == 0
    assert not any(processes.in_group(group) for group in groups.values())
    assert ours(fresh) == []
    assert "stopped; the data stays" in fresh.output


def test_second_run__after_a_stop__keeps_keys_and_data_and_skips_preparing(fresh: Stack) -> None:
    where = places.find(fresh.state)
    secret = (where.keys / "secret_key").read_text(encoding="utf-8")
    with psycopg.connect(where.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    fresh.stop()
    fresh.start()
    began = time.monotonic()
    fresh.wait_ready()
    took = time.monotonic() - began
    assert fresh.output.count("database migrated") == 1
    assert (where.keys / "secret_key").read_text(encoding="utf-8") == secret
    with psycopg.connect(where.database_url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    # Five seconds on an idle machine; this one also runs the tests.
    assert took < 20


def test_kill__supervisor__leaves_nothing_that_blocks_the_next_run(fresh: Stack) -> None:
    groups = fresh.groups()
    assert fresh.process
    fresh.process.kill()
    fresh.process.wait()
    fresh.start()
    fresh.wait_ready()
    assert not any(processes.in_group(group) for group in groups.values())
    assert not set(groups.values()) & set(fresh.groups().values())


def test_kill__supervisor_and_servers_at_once__next_run_recovers(fresh: Stack) -> None:
    assert fresh.process
    fresh.process.kill()
    for group in fresh.groups().values():
        os.kill(group, signal.SIGKILL)
    fresh.process.wait()
    fresh.start()
    fresh.wait_ready()


def test_start__already_running__refuses_in_one_sentence_and_disturbs_nothing(fresh: Stack) -> None:
    second = Stack(directory=fresh.directory, port=fresh.port + 100, environ={"DEMO": "0"})
    second.start()
    until(lambda: second.exit_code is not None, 30)
    assert second.exit_code == 1
    assert "countersign: Countersign already runs from" in fresh.output
    assert fresh.healthy()


@pytest.mark.parametrize("offset", [0, 1])
def test_start__port_taken__refuses_in_one_sentence(fresh: Stack, offset: int) -> None:
    fresh.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", fresh.port + offset))
        other.listen()
        fresh.start()
        until(lambda: fresh.exit_code is not None, 30)
    assert fresh.exit_code == 1
    assert f"countersign: Port {fresh.port + offset}" in fresh.output
    assert "Traceback" not in fresh.output
    assert ours(fresh) == []
