"""Statements of the hottest paths, parsed and planned once per connection: on Django's own connection and in its
transaction, but without putting the text together anew each time."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from psycopg import Connection, Cursor

Values = Sequence[Any] | Mapping[str, Any]


def run(text: str, values: Values = (), *, again: bool = False) -> Cursor[tuple[Any, ...]]:
    """Execute a fixed statement with `%s` or `%(name)s` for values and return its cursor.

    `again` says that the statement does the same when it is executed twice: it is then tried once more on a new
    connection when the kept one turns out to be broken, so that no round trip has to ask for its health first. Never
    inside a transaction, whose earlier statements would be lost. Raises Django's database errors.
    """
    fresh = connection.connection is None
    try:
        return _run(text, values)
    except (OperationalError, InterfaceError):
        if fresh or not again or connection.in_atomic_block or not _broken():
            raise
        connection.close()
        return _run(text, values)


def _run(text: str, values: Values) -> Cursor[tuple[Any, ...]]:
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": text, "time": "0.000"})
    kept: Connection[tuple[Any, ...]] = connection.connection
    # Django switches plans off altogether: "prepare" alone would change nothing.
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
