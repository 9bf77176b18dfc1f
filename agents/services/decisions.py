"""Recording decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from django.db.models import JSONField
from psycopg.errors import UniqueViolation

from agents.models import Decision
from agents.selectors import answers
from reviewapp.core import events

FLAGGED = "decision.flagged"
# (attribute and column, whether it is sent as JSON) of every column.
_COLUMNS = [(field.attname, isinstance(field, JSONField)) for field in Decision._meta.concrete_fields]


class KeyTaken(Exception):
    """Another request recorded a decision under one of the idempotency keys first."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision about to be recorded. Times are microseconds, shares are basis points."""

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


def record(*, draft: Draft, by: events.Actor) -> tuple[Decision, bool]:
    """Record a decision, and the event `decision.flagged` with it when a person must look; return (row, is new).

    One INSERT for an automatic decision. When another request with the same idempotency key was faster, its row is
    returned and nothing is written.
    """
    row = _row(draft, by)
    try:
        if draft.status == Decision.Status.AUTO:
            # A single statement is its own transaction: BEGIN and COMMIT would cost two more round trips.
            row.save(force_insert=True)
        else:
            with transaction.atomic():
                row.save(force_insert=True)
                _flag(draft, by)
    except IntegrityError:
        earlier = draft.idempotency_key and answers.find_by_key(draft.agent_id, draft.idempotency_key)
        if not earlier:
            raise
        return earlier, False
    return row, True


def record_all(*, drafts: Sequence[Draft], by: events.Actor) -> list[Decision]:
    """Record decisions of one agent all at once, with an event for each that a person must look at; return their rows.

    All or none. Raises `KeyTaken` when another request took one of the idempotency keys in the meantime.
    """
    rows = [_row(draft, by) for draft in drafts]
    flagged = [draft for draft in drafts if draft.status != Decision.Status.AUTO]
    try:
        with transaction.atomic():
            _copy(rows)
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
    return rows


def _copy(rows: Sequence[Decision]) -> None:
    """Send rows by COPY: a third of the cost of INSERT, because no statement has to be put together and read."""
    columns = ", ".join(name for name, _ in _COLUMNS)
    statement = f"COPY {Decision._meta.db_table} ({columns}) FROM STDIN"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as sink,
    ):
        for row in rows:
            sink.write_row([_sent(getattr(row, name), as_json) for name, as_json in _COLUMNS])


def _sent(value: Any, as_json: bool) -> Any:  # noqa: FBT001 - one of a pair per column
    return orjson.dumps(value).decode() if as_json and value is not None else value


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


def _row(draft: Draft, by: events.Actor) -> Decision:
    return Decision(
        id=draft.id,
        agent_id=draft.agent_id,
        contract_id=draft.contract_id,
        artifact_id=draft.artifact_digest,
        policy_version=draft.policy_version,
        case_ref=draft.case_ref,
        unit=draft.unit,
        idempotency_key=draft.idempotency_key,
        request_digest=draft.request_digest,
        input=draft.input,
        proposal=draft.proposal,
        output=draft.output,
        confidence=draft.confidence,
        score=draft.score,
        status=draft.status,
        reasons=list(draft.reasons),
        trace=draft.trace,
        arm=draft.arm,
        bucket=draft.bucket,
        slot_serial=draft.slot_serial,
        propensity=draft.propensity,
        latency_us=draft.latency_us,
        mode=draft.mode,
        decided_at=draft.decided_at,
        actor_kind=by.kind,
        actor_id=by.id,
    )
