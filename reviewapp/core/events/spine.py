"""Writing to the log."""

import hashlib
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import orjson
from django.apps import apps
from django.db import connection, transaction

from reviewapp.core import clock, ids, statements, wake
from reviewapp.core.events import registry

# Django imports this package to find its AppConfig, before any model may be defined: so the tables are looked up late.
if TYPE_CHECKING:
    from reviewapp.core.events.models import Event

trace: ContextVar[str] = ContextVar("trace", default="")

# Every column with its type: in a SELECT list values have none of their own. The order is that of `values`.
COLUMNS = {
    "id": "uuid",
    "type": "text",
    "actor_kind": "text",
    "actor_id": "text",
    "actor_label": "text",
    "subject_type": "text",
    "subject_id": "text",
    "scope": "text",
    "data": "jsonb",
    "trace_id": "text",
    "recorded_at": "timestamptz",
    "leaf": "bytea",
}
_SELECT = ", ".join(f"%s::{kind}" for kind in COLUMNS.values())
_INSERT = f"INSERT INTO events_event ({', '.join(COLUMNS)}) SELECT {_SELECT}"
HAND_ON = """INSERT INTO events_outboxentry (event_id, subject_key, done, attempts, next_attempt_at, last_error)
    SELECT id, %s::text, '{}', 0, %s::timestamptz, '' FROM told"""
_TAKE_BACK = """DELETE FROM events_outboxentry entry USING events_event event
    WHERE event.id = entry.event_id AND entry.subject_key = %s::text AND event.type = %s::text
      AND event.data ->> %s::text = %s::text AND entry.done = '{}' RETURNING entry.seq"""
_INSERT_AND_HAND_ON = f"WITH told AS ({_INSERT} RETURNING id) {HAND_ON}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person, a service account, or the system itself."""

    kind: str
    id: str
    label: str


def record(
    kind: str,
    *,
    subject: tuple[str, str],
    actor: Actor,
    scope: str = "",
    data: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> "Event":
    """Write one event and its outbox entry inside the caller's transaction, and wake the relay after commit.

    With `not_before` nobody is handed the event until then, nor any later one of the same subject; `take_back` works
    until it was handed on.

    An event that nobody inside subscribes to has nowhere to be handed on to: it gets no entry, and nobody is woken.
    `kind` is `entity.action`; `subject` is (entity, id); `scope` is the agent's slug or empty; `data` holds ids and
    primitives, never personal values. Raises `RuntimeError` outside a transaction: an event without its change, or a
    change without its event, must not exist. An empty actor is refused by the database.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events.record() must run inside transaction.atomic(), with the change it tells of")
    event: Event = apps.get_model("events", "Event")(**fields(kind, subject, actor, scope, data))
    event.leaf = leaf(event)
    if registry.only_external(kind):
        statements.run(_INSERT, list(values(event).values()))
        return event
    due = not_before or event.recorded_at
    statements.run(_INSERT_AND_HAND_ON, [*values(event).values(), f"{subject[0]}:{subject[1]}", due])
    if not_before is None:
        wake_after_commit()
    return event


def take_back(kind: str, *, subject: tuple[str, str], member: str, value: str) -> bool:
    """Hand an event on to nobody that waits for its time; say whether that was still possible. The event itself stays.

    It is the one of this type and subject whose data have `value` under `member`. Whoever hands it on at this moment holds
    its entry: one of the two wins, and the other waits to learn which. Inside the caller's transaction.
    """
    return statements.run(_TAKE_BACK, [f"{subject[0]}:{subject[1]}", kind, member, value]).fetchone() is not None


def record_all(
    kind: str,
    *,
    subjects: Sequence[tuple[tuple[str, str], Mapping[str, Any]]],
    actor: Actor,
    scope: str = "",
) -> None:
    """Write one event per (subject, data), as `record` does, by two COPYs however many there are."""
    if not connection.in_atomic_block:
        raise RuntimeError("events.record_all() must run inside transaction.atomic(), with the change it tells of")
    made = [fields(kind, subject, actor, scope, data) for subject, data in subjects]
    _copy(
        apps.get_model("events", "Event")._meta.db_table,
        [{**one, "data": orjson.dumps(one["data"]).decode(), "leaf": leaf(SimpleNamespace(**one))} for one in made],
    )
    if registry.only_external(kind):
        return
    now = clock.now()
    _copy(
        apps.get_model("events", "OutboxEntry")._meta.db_table,
        [
            {
                "event_id": one["id"],
                "subject_key": f"{one['subject_type']}:{one['subject_id']}",
                "done": "{}",
                "attempts": 0,
                "next_attempt_at": now,
                "last_error": "",
            }
            for one in made
        ],
    )
    wake_after_commit()


def _copy(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Send rows of equal columns by COPY: putting an INSERT of thousands together costs more than writing them."""
    if not rows:
        return
    statement = f"COPY {table} ({', '.join(rows[0])}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as sink:
        for row in rows:
            sink.write_row(list(row.values()))


def fields(
    kind: str, subject: tuple[str, str], actor: Actor, scope: str, data: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the members of a new event, without its leaf."""
    return {
        "id": ids.uuid7(),
        "type": kind,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_label": actor.label,
        "subject_type": subject[0],
        "subject_id": subject[1],
        "scope": scope,
        "data": dict(data or {}),
        "trace_id": trace.get(),
        "recorded_at": clock.now(),
    }


def values(event: "Event | SimpleNamespace") -> dict[str, Any]:
    """Return the values of `COLUMNS` as they are sent, in that order."""
    return {name: getattr(event, name) for name in COLUMNS} | {"data": orjson.dumps(event.data).decode()}


def wake_after_commit() -> None:
    """Wake the relay once the transaction has committed, or now where there is none."""
    # Once for a transaction, however much it tells: waking costs a round trip to the broker.
    if not any(hook[1] is wake.wake for hook in connection.run_on_commit):
        transaction.on_commit(wake.wake, robust=True)


def leaf(event: "Event | SimpleNamespace") -> bytes:
    """Return the event's Merkle leaf hash, SHA-256 over 0x00 and the canonical event (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + ids.canonical(content(event))).digest()


def content(event: "Event | SimpleNamespace") -> dict[str, Any]:
    """Return what an event's leaf is made of."""
    return {
        "id": str(event.id),
        "type": event.type,
        "actor": [event.actor_kind, event.actor_id, event.actor_label],
        "subject": [event.subject_type, event.subject_id],
        "scope": event.scope,
        "data": event.data,
        "trace": event.trace_id,
        "at": event.recorded_at.isoformat(),
    }
