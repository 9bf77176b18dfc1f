"""Recording decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from agents.models import Decision, DecisionKey
from agents.runtime import trace
from agents.selectors import answers
from reviewapp.core import events, statements
from reviewapp.core.accounts import keys
from reviewapp.core.together import Apart, Together

FLAGGED = "decision.flagged"
_TABLE = Decision._meta.db_table
# Every column with its type: in a SELECT list values have none of their own. The order is that of `_values`.
_COLUMNS = {
    "id": "uuid",
    "agent_id": "uuid",
    "contract_id": "uuid",
    "artifact_id": "text",
    "policy_version": "int8",
    "case_ref": "text",
    "unit": "text",
    "idempotency_key": "text",
    "request_digest": "text",
    "input": "jsonb",
    "proposal": "jsonb",
    "output": "jsonb",
    "confidence": "float8",
    "score": "float8",
    "status": "text",
    "reasons": "jsonb",
    "trace": "jsonb",
    "arm": "text",
    "bucket": "int8",
    "slot_serial": "int8",
    "propensity": "float8",
    "latency_us": "int8",
    "mode": "text",
    "decided_at": "timestamptz",
    "actor_kind": "text",
    "actor_id": "text",
}
_JSON = tuple(at for at, kind in enumerate(_COLUMNS.values()) if kind == "jsonb")
_TRACE = list(_COLUMNS).index("trace")
_NAMES = ", ".join(_COLUMNS)
_SELECT = ", ".join(f"%s::{kind}" for kind in _COLUMNS.values())
# A conflict is this very decision, sent again on a new connection.
_INSERT = f"INSERT INTO {_TABLE} ({_NAMES}) SELECT {_SELECT} ON CONFLICT DO NOTHING"
_INSERT_FOR_KEY = _INSERT.replace(" ON CONFLICT", f" WHERE {keys.STANDS} ON CONFLICT")
# Who takes the idempotency key decides. It has a table of its own, for decisions are partitioned by their ids.
_TAKE = f"INSERT INTO {DecisionKey._meta.db_table} (agent_id, key, decision_id) SELECT %s::uuid, %s::text, %s::uuid"
_TAKING = f"WITH taken AS ({_TAKE} ON CONFLICT DO NOTHING RETURNING 1) " + _INSERT.replace(
    " ON CONFLICT", " WHERE EXISTS (SELECT FROM taken) ON CONFLICT"
)
_TAKING_FOR_KEY = _TAKING.replace(" ON CONFLICT", f" WHERE {keys.STANDS} ON CONFLICT", 1)
# Several at once: each row with the key it is written for, under the same conditions as one alone.
_ROW = f"({', '.join(f'%s::{kind}' for kind in _COLUMNS.values())}, %s::uuid)"
_INSERT_ALL = f"INSERT INTO {_TABLE} ({_NAMES}) SELECT {_NAMES}"
_TAKE_ALL = (
    f"INSERT INTO {DecisionKey._meta.db_table} (agent_id, key, decision_id) SELECT agent_id, idempotency_key, id"
)
_MANY_AT_ONCE = 8
# Seconds that a decision waits for others that are being made, which is how long a round trip to PostgreSQL takes.
_PATIENCE = 0.001
_COPY = f"COPY {_TABLE} ({_NAMES}) FROM STDIN"


class KeyTaken(Exception):
    """Another request recorded a decision under one of the idempotency keys first."""


class KeyFallen(Exception):
    """The API key was revoked, expired or disabled since it was last looked at; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision about to be recorded, or just recorded. Times are microseconds, shares are basis points."""

    id: UUID
    agent_id: UUID
    agent_slug: str
    contract_id: UUID
    artifact_digest: str | None
    policy_version: int | None
    case_ref: str
    unit: str
    idempotency_key: str | None
    request_digest: str
    input: Mapping[str, Any]
    proposal: Mapping[str, Any] | None
    output: Mapping[str, Any] | None
    confidence: float
    score: float | None
    status: str
    reasons: Sequence[Mapping[str, str]]
    trace: Mapping[str, Any]
    arm: str
    bucket: int
    slot_serial: int
    propensity: float
    latency_us: int
    mode: str
    decided_at: datetime

    @property
    def pk(self) -> UUID:
        """Return the id, by the name that rows have for it."""
        return self.id

    @property
    def artifact_id(self) -> str | None:
        """Return the policy's digest, by the name that rows have for it."""
        return self.artifact_digest

    def row(self, by: events.Actor) -> Decision:
        """Return the decision as the row it became."""
        return Decision(**dict(zip(_COLUMNS, _facts_of(self, by), strict=True)))


def record(*, draft: Draft, key_id: UUID | None = None, by: events.Actor) -> Decision | None:
    """Record a decision, and the event `decision.flagged` with it when a person must look; None when that is done.

    One INSERT for an automatic decision. When another request with the same idempotency key was faster, its row is
    returned and nothing is written. With `key_id` the decision is recorded only while that key of a program stands;
    raises `KeyFallen` otherwise.
    """
    if draft.status == Decision.Status.AUTO:
        # A single statement is its own transaction: BEGIN and COMMIT would cost two more round trips.
        made = _insert_beside_others(draft, key_id, by)
    else:
        _together.leave()
        with transaction.atomic():
            made = _insert(draft, key_id, by)
            if made:
                _flag(draft, by)
    if made:
        return None
    if draft.idempotency_key and (earlier := answers.find_by_key(draft.agent_id, draft.idempotency_key)):
        return earlier
    if Decision.objects.filter(pk=draft.id).exists():
        # The first attempt had been committed before its connection broke.
        return None
    raise KeyFallen


def record_all(*, drafts: Sequence[Draft], by: events.Actor) -> None:
    """Record decisions of one agent all at once, with an event for each that a person must look at.

    All or none. Raises `KeyTaken` when another request took one of the idempotency keys in the meantime.
    """
    flagged = [draft for draft in drafts if draft.status != Decision.Status.AUTO]
    try:
        with transaction.atomic():
            _copy(drafts, by)
            if flagged:
                events.record_all(
                    FLAGGED,
                    subjects=[(("decision", str(draft.id)), _facts(draft)) for draft in flagged],
                    actor=by,
                    scope=flagged[0].agent_slug,
                )
    except IntegrityError as fault:
        if isinstance(fault.__cause__, UniqueViolation):
            raise KeyTaken from fault
        raise


def _insert_beside_others(draft: Draft, key_id: UUID | None, by: events.Actor) -> bool:
    """Return whether a row was written. What other threads write meanwhile goes in one statement with it: PostgreSQL
    then begins, checks and syncs once for all of them.
    """
    if key_id is None or connection.in_atomic_block:
        return _insert(draft, key_id, by)
    try:
        return _together((draft, key_id, by))
    except Apart:
        # One bad row must cost nobody else theirs.
        return _insert(draft, key_id, by)


_Asked = tuple[Draft, UUID, events.Actor]


def _insert_all(asked: Sequence[_Asked]) -> list[bool]:
    if len(asked) == 1:
        return [_insert(*asked[0])]
    # In the order of their idempotency keys: two processes that took the same two the other way round would wait for
    # one another.
    rows = sorted(asked, key=lambda one: one[0].idempotency_key or "")
    text = _many(len(rows), taking=rows[-1][0].idempotency_key is not None)
    values = [value for draft, key_id, by in rows for value in (*_written(_values(draft, by)), str(key_id).encode())]
    made = set(statements.send(text, values, again=True).returned)
    return [str(draft.id) in made for draft, _, _ in asked]


_together: Together[_Asked, bool] = Together(_insert_all, most=_MANY_AT_ONCE, patience=_PATIENCE)
coming = _together.coming


@cache
def _many(count: int, *, taking: bool) -> str:
    """Return the statement that writes `count` rows and returns the ids of those written."""
    stands = keys.STANDS.replace("%s", "r.key_id")
    given = f"WITH r ({_NAMES}, key_id) AS (VALUES {', '.join([_ROW] * count)})"
    free = ""
    if taking:
        wanted = f"FROM r WHERE idempotency_key IS NOT NULL AND {stands}"
        given += f", taken AS ({_TAKE_ALL} {wanted} ON CONFLICT DO NOTHING RETURNING decision_id)"
        free = " AND (idempotency_key IS NULL OR id IN (SELECT decision_id FROM taken))"
    return f"{given} {_INSERT_ALL} FROM r WHERE {stands}{free} ON CONFLICT DO NOTHING RETURNING id"


def _insert(draft: Draft, key_id: UUID | None, by: events.Actor) -> bool:
    """Return whether a row was written. Once more on a new connection is harmless: its id is the same."""
    stands = [] if key_id is None else [key_id]
    if draft.idempotency_key is None:
        text, values = _INSERT if key_id is None else _INSERT_FOR_KEY, [*_values(draft, by), *stands]
    else:
        taking = [draft.agent_id, draft.idempotency_key, draft.id]
        text, values = _TAKING if key_id is None else _TAKING_FOR_KEY, [*taking, *stands, *_values(draft, by)]
    return statements.send(text, _written(values), again=True).touched == 1


def _written(values: Sequence[Any]) -> list[bytes | None]:
    """Return values as PostgreSQL reads them. Every float of a decision is finite, which its columns check as well."""
    return [None if value is None else str(value).encode() for value in values]


def _copy(drafts: Sequence[Draft], by: events.Actor) -> None:
    """Send rows by COPY: a third of the cost of INSERT, because no statement has to be put together and read."""
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(_COPY) as sink,
    ):
        for draft in drafts:
            sink.write_row(_values(draft, by))


def _values(draft: Draft, by: events.Actor) -> list[Any]:
    """Return the values of `_COLUMNS` as they are sent."""
    values: list[Any] = list(_facts_of(draft, by))
    values[_TRACE] = trace.packed(draft.trace)
    for at in _JSON:
        if values[at] is not None:
            values[at] = orjson.dumps(values[at]).decode()
    return values


def _facts_of(draft: Draft, by: events.Actor) -> tuple[Any, ...]:
    return (
        draft.id,
        draft.agent_id,
        draft.contract_id,
        draft.artifact_digest,
        draft.policy_version,
        draft.case_ref,
        draft.unit,
        draft.idempotency_key,
        draft.request_digest,
        draft.input,
        draft.proposal,
        draft.output,
        draft.confidence,
        draft.score,
        draft.status,
        draft.reasons,
        draft.trace,
        draft.arm,
        draft.bucket,
        draft.slot_serial,
        draft.propensity,
        draft.latency_us,
        draft.mode,
        draft.decided_at,
        by.kind,
        by.id,
    )


def _flag(draft: Draft, by: events.Actor) -> None:
    events.record(FLAGGED, subject=("decision", str(draft.id)), actor=by, scope=draft.agent_slug, data=_facts(draft))


def _facts(draft: Draft) -> dict[str, Any]:
    """Return what the event tells of a flagged decision."""
    return {
        "agent": draft.agent_slug,
        "agent_id": str(draft.agent_id),
        "status": draft.status,
        "confidence": draft.confidence,
        "reasons": [reason["code"] for reason in draft.reasons],
        "policy_version": draft.policy_version,
        "arm": draft.arm,
    }
