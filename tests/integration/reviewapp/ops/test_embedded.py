"""The embedded databases, started for real."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from reviewapp.ops import places, processes
from reviewapp.ops.embedded import Embedded
from reviewapp.ops.places import Places
from reviewapp.ops.refusal import Refusal
from tests import plugin


@pytest.fixture
def where() -> Iterator[Places]:
    """Places that the databases' account may reach."""
    directory = plugin.open_directory()
    yield places.find(directory / "state")
    shutil.rmtree(directory)


def query(where: Places, statement: str) -> object:
    """Run one statement on the embedded database."""
    with psycopg.connect(where.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_start__stopped_and_started_again__keeps_what_was_committed(where: Places) -> None:
    embedded = Embedded(where, test=True)
    embedded.start()
    try:
        query(where, "CREATE TABLE kept AS SELECT 'Größe' AS word")
        assert query(where, "SELECT lower(word) FROM kept") == ("größe",)
    finally:
        embedded.stop()
    assert not any(child.running for child in embedded.children)

    again = Embedded(where, test=True)
    again.start()
    try:
        assert query(where, "SELECT word FROM kept") == ("Größe",)
        # The sockets are the only way in, and their directory lets nobody else through.
        assert query(where, "SHOW listen_addresses") == ("",)
        assert where.run.stat().st_mode & 0o777 == 0o700
        assert where.postgres.stat().st_mode & 0o777 == 0o700
    finally:
        again.stop()


def test_start__postgres_killed_with_its_pid_file_left__starts_again(where: Places) -> None:
    embedded = Embedded(where, valkey=False)
    embedded.start()
    try:
        query(where, "CREATE TABLE kept AS SELECT 1 AS one")
        embedded.children[0].kill_group()
        # The number in the pid file now belongs to a living program that is not PostgreSQL: ours.
        pid_file = where.postgres / "postmaster.pid"
        lines = pid_file.read_text(encoding="utf-8").split("\n")
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]), encoding="utf-8")
        embedded.start()
        assert query(where, "SELECT one FROM kept") == (1,)
    finally:
        embedded.stop()


def test_start__as_root__runs_the_databases_as_nobody(where: Places) -> None:
    embedded = Embedded(where, test=True)
    embedded.start()
    try:
        expected = where.account.uid if where.account else os.geteuid()
        for child in embedded.children:
            assert child.process
            assert Path(f"/proc/{child.process.pid}").stat().st_uid == expected
            assert expected != 0
    finally:
        embedded.stop()


def test_start__data_directory_damaged__says_what_postgres_said(where: Places) -> None:
    embedded = Embedded(where, valkey=False, test=True)
    embedded.start()
    embedded.stop()
    (where.postgres / "PG_VERSION").write_text("9.0\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"postgres stopped at once"):
        Embedded(where, valkey=False, test=True).start()


def test_living__own_process__is_listed_with_its_command() -> None:
    command = processes.command_of(os.getpid())
    assert command is not None
    assert "python" in command
