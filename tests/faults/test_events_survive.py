"""kill -9 of the worker between an event's commit and its handling: nothing is lost."""

import contextlib
import os
import signal
from collections.abc import Iterator

import psycopg
import pytest

from reviewapp.ops import places
from tests.stack import Stack, until

RECORD = """
from django.db import transaction
from reviewapp.core import events
from reviewapp.core.accounts import actors
with transaction.atomic():
    events.record("key.revoked", subject=("key", "fault-test"), actor=actors.SYSTEM)
"""


@pytest.fixture
def frozen(running: Stack) -> Iterator[int]:
    """The worker's process group, holding still as a worker does that dies a moment later."""
    until(lambda: "worker" in running.groups(), 60, lambda: running.output)
    group = running.groups()["worker"]
    # It is up once it has handled something; a worker that is still starting would be no loss.
    done = running.manage("shell", "--command", RECORD.replace("fault-test", "warm-up"))
    assert done.returncode == 0, done.stderr
    until(lambda: count(running, "warming") == 0, 60, lambda: running.output)
    os.killpg(group, signal.SIGSTOP)
    yield group
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


QUERIES = {
    "log": "SELECT count(*) FROM events_event WHERE subject_id = 'fault-test'",
    "outbox": "SELECT count(*) FROM events_outboxentry WHERE subject_key LIKE '%fault-test'",
    "warming": "SELECT count(*) FROM events_outboxentry WHERE subject_key LIKE '%warm-up'",
}


def count(stack: Stack, place: str) -> int:
    """Count this test's events in the log or in the outbox."""
    with psycopg.connect(places.find(stack.state).database_url) as connection:
        row = connection.execute(QUERIES[place].encode()).fetchone()
    assert row
    return int(row[0])


def test_kill__worker_between_commit_and_handling__event_is_handled_after_the_restart(
    running: Stack, frozen: int
) -> None:
    done = running.manage("shell", "--command", RECORD)
    assert done.returncode == 0, done.stderr
    assert (count(running, "log"), count(running, "outbox")) == (1, 1)
    os.killpg(frozen, signal.SIGKILL)
    until(lambda: count(running, "outbox") == 0, 60, lambda: running.output)
    assert count(running, "log") == 1


def test_kill__worker_and_broker__event_is_handled_after_the_restart(running: Stack, frozen: int) -> None:
    before = count(running, "log")
    done = running.manage("shell", "--command", RECORD)
    assert done.returncode == 0, done.stderr
    # Whatever woke the relay is gone with the broker; only the row in PostgreSQL is left.
    os.killpg(running.groups()["valkey"], signal.SIGKILL)
    os.killpg(frozen, signal.SIGKILL)
    until(lambda: count(running, "outbox") == 0, 90, lambda: running.output)
    assert count(running, "log") == before + 1
