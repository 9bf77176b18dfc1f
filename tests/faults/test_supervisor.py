"""Stopping, killing and doubling the supervisor itself."""

import dataclasses
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
def test_signal__asked_to_stop__ends_every_child_and_exits_with_zero(running: Stack, number: signal.Signals) -> None:
    groups = running.groups()
    assert running.stop(number) == 0
    assert not any(processes.in_group(group) for group in groups.values())
    assert ours(running) == []
    assert "stopped; the data stays" in running.output


def test_second_run__after_a_stop__keeps_keys_and_data_and_skips_preparing(running: Stack) -> None:
    where = places.find(running.state)
    secret = (where.keys / "secret_key").read_text(encoding="utf-8")
    with psycopg.connect(where.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    running.stop()
    running.start()
    began = time.monotonic()
    running.wait_ready()
    took = time.monotonic() - began
    assert "database migrated" not in running.output
    assert (where.keys / "secret_key").read_text(encoding="utf-8") == secret
    with psycopg.connect(where.database_url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    # Five seconds on an idle machine; this one also runs the tests.
    assert took < 20


def test_kill__supervisor__leaves_nothing_that_blocks_the_next_run(running: Stack) -> None:
    groups = running.groups()
    assert running.process
    running.process.kill()
    running.process.wait()
    running.start()
    running.wait_ready()
    assert not any(processes.in_group(group) for group in groups.values())
    assert not set(groups.values()) & set(running.groups().values())


def test_kill__supervisor_and_servers_at_once__next_run_recovers(running: Stack) -> None:
    assert running.process
    running.process.kill()
    for group in running.groups().values():
        os.kill(group, signal.SIGKILL)
    running.process.wait()
    running.start()
    running.wait_ready()


def test_start__already_running__refuses_in_one_sentence_and_disturbs_nothing(running: Stack) -> None:
    second = dataclasses.replace(running, port=running.port + 100, log="second.log")
    second.start()
    until(lambda: second.exit_code is not None, 30)
    assert second.exit_code == 1
    assert second.output.startswith("countersign: Countersign already runs from")
    assert running.healthy()


@pytest.mark.parametrize("offset", [0, 1])
def test_start__port_taken__refuses_in_one_sentence(running: Stack, offset: int) -> None:
    running.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", running.port + offset))
        other.listen()
        running.start()
        until(lambda: running.exit_code is not None, 30)
    assert running.exit_code == 1
    assert f"countersign: Port {running.port + offset}" in running.output
    assert "Traceback" not in running.output
    assert ours(running) == []
