"""Statements of the hottest paths, parsed and planned once per connection: on Django's own connection and in its
transaction, but without putting the text together anew each time."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast
from weakref import WeakKeyDictionary

import psycopg
from django.db import InterfaceError, OperationalError, connection
from psycopg import Connection, Cursor, pq

T = TypeVar("T")


class Sent(NamedTuple):
    """What came of a statement: how many rows it touched, and the first value of each row it returned, as text."""

    touched: int
    returned: list[str]


Values = Sequence[Any] | Mapping[str, Any]


def run(text: str, values: Values = (), *, again: bool = False) -> Cursor[tuple[Any, ...]]:
    """Execute a fixed statement with `%s` or `%(name)s` for values and return its cursor.

    `again` says that the statement does the same when it is executed twice: it is then tried once more on a new
    connection when the kept one turns out to be broken, so that no round trip has to ask for its health first. Never
    inside a transaction, whose earlier statements would be lost. Raises Django's database errors.
    """
    return _tried(lambda: _run(text, values), again=again)


def send(text: str, values: Sequence[bytes | None], *, again: bool = False) -> Sent:
    """Execute a fixed statement with `%s` for values that are written as PostgreSQL reads them, in UTF-8.

    Half of what a short statement costs in this process is finding out how to write its values, and reading what comes
    back; a caller that knows both is spared that. `again` as in `run`. Raises Django's database errors.
    """
    return _tried(lambda: _send(text, values), again=again)


def _tried(execute: Callable[[], T], *, again: bool) -> T:
    fresh = connection.connection is None
    try:
        return execute()
    except (OperationalError, InterfaceError):
        if fresh or not again or connection.in_atomic_block or not _broken():
            raise
        connection.close()
        return execute()


def _send(text: str, values: Sequence[bytes | None]) -> Sent:
    if connection.in_atomic_block or connection.queries_logged:
        # Inside a transaction the driver keeps count of what has to be begun and undone.
        cursor = _run(text, [None if value is None else value.decode() for value in values])
        return Sent(cursor.rowcount, [str(row[0]) for row in cursor] if cursor.description else [])
    connection.ensure_connection()
    kept: Connection[tuple[Any, ...]] = connection.connection
    with connection.wrap_database_errors:
        line = kept.pgconn
        known = _prepared.setdefault(kept, {})
        if (name := known.get(text)) is None:
            name = f"sent_{len(known)}".encode()
            _accepted(line, line.prepare(name, _numbered(text)))
            known[text] = name
        # Its type knows no NULL; the library does.
        result = _accepted(line, line.exec_prepared(name, cast("list[bytes]", values)))
    found = [(result.get_value(row, 0) or b"").decode() for row in range(result.ntuples)]
    return Sent(result.command_tuples or 0, found)


# The statements each connection knows by name. The driver's own names begin otherwise.
_prepared: WeakKeyDictionary[Connection[tuple[Any, ...]], dict[str, bytes]] = WeakKeyDictionary()
_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


def _accepted(line: pq.abc.PGconn, result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in _DONE:
        return result
    if line.status == pq.ConnStatus.BAD:
        raise psycopg.OperationalError(line.get_error_message())
    raise psycopg.errors.error_from_result(result)


@cache
def _numbered(text: str) -> bytes:
    """Return a statement with its places numbered, as PostgreSQL itself has them."""
    numbers = itertools.count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", text).encode()


def _run(text: str, values: Values) -> Cursor[tuple[Any, ...]]:
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": text, "time": "0.000"})
    kept: Connection[tuple[Any, ...]] = connection.connection
    # Django switches plans off altogether: "prepare" alone would change nothing. How they are made: settings/env.py.
    kept.prepare_threshold = 1
    with connection.wrap_database_errors:
        # Bound by the server, so that it can keep the plan; Django's own cursors write values into the text.
        return Cursor(kept).execute(text, values, prepare=True)


def _broken() -> bool:
    kept = connection.connection
    return kept is None or kept.closed


def told_once(text: str) -> str:
    """Return a statement without the spaces that only people read: it is sent, and looked up by, its whole text."""
    return " ".join(text.split())
