"""Submitting by one statement: the seat is closed, the judgement and its event are written, or nothing is.

Only what is ordinary: a first judgement under a lease that holds, complete, and of no risk. Everything else is for
`corrections.submit` to tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection

from agents.runtime import review
from corrections.models import Task
from corrections.rules import dedup, holding, submission
from corrections.selectors import taken
from corrections.selectors.taken import Taken
from reviewapp.core import clock, events, ids, statements
from reviewapp.core.accounts import keys
from reviewapp.core.events import inline, live, spine

_COLUMNS = {
    "id": "uuid",
    "author_id": "int8",
    "verdict": "text",
    "output": "jsonb",
    "reason_code": "text",
    "justification": "text",
    "evidence": "jsonb",
    "confidence": "int2",
    "contract_version": "int4",
    "policy_version": "int4",
    "artifact_digest": "text",
    "shown": "jsonb",
    "time_spent_ms": "int4",
    "client": "text",
    "lease_token": "int8",
    "digest": "text",
    "submitted_at": "timestamptz",
    "held_until": "timestamptz",
}

# The guards of `corrections.submit` once more, at the moment of writing. The deciding one is the lease: under one token
# one person may close a task once. "+ 0" and OFFSET 0: see `claiming`.
_SUBMIT = statements.told_once(f"""
    WITH closed AS (
        UPDATE corrections_task t SET state = 'done', closed_at = %(submitted_at)s::timestamptz, lease_holder_id = NULL,
            lease_until = NULL
        FROM corrections_queue q
        WHERE t.id = %(task)s::uuid AND q.id = t.queue_id AND t.state = 'open' AND t.lease_holder_id = %(user)s::int8
          AND t.lease_token = %(lease_token)s::int8 AND t.reserved_for_id IS NULL
          AND {keys.PERSON_STANDS} AND {taken.MAY_WORK}
          AND NOT EXISTS (
              SELECT FROM corrections_correction c
              WHERE c.decision_id = t.decision_id AND c.author_id + 0 = %(user)s::int8 OFFSET 0
          )
        RETURNING t.id, t.decision_id
    ), said AS (
        INSERT INTO corrections_correction (task_id, decision_id, {", ".join(_COLUMNS)})
        SELECT closed.id, closed.decision_id, {", ".join(f"%({name})s::{kind}" for name, kind in _COLUMNS.items())}
        FROM closed
    ), discarded AS (
        DELETE FROM corrections_draft draft USING closed
        WHERE draft.task_id = closed.id AND draft.reviewer_id = %(user)s::int8
    ), {inline.with_change("closed")}
    SELECT 1 FROM closed
""")  # noqa: S608 - texts of the code


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submission: the correction, and the escalation when a second person must decide."""

    correction_id: UUID
    escalation_id: UUID | None
    why_escalated: tuple[str, ...]
    held_until: datetime | None = None


def submit(
    *,
    task_id: UUID,
    token: int,
    verdict: str,
    output: Mapping[str, Any] | None = None,
    reason_code: str = "",
    justification: str = "",
    evidence: Sequence[str] = (),
    confidence: int | None = None,
    shown: Mapping[str, Any] | None = None,
    time_spent_ms: int = 0,
    client: str = "",
    contract_version: int | None = None,
    hold_seconds: int = 0,
    key_id: UUID | None = None,
    by: events.Actor,
) -> Submitted | None:
    """Submit a person's judgement as `corrections.submit` does, when it is ordinary; None when it is not, and nothing
    was written. With `key_id` only while that key of theirs stands.
    """
    found = taken.read(task_id, user_id=int(by.id), key_id=key_id)
    entry = submission.Entry(verdict, output, reason_code, justification.strip(), tuple(evidence), confidence)
    if found is None or found.sealed or not _ordinary(found, entry, token, int(by.id)):
        return None
    if contract_version not in (None, found.spec.version):
        return None
    decision = found.decision
    judged = submission.judged_output(entry, decided=decision.output)
    correction_id, now = ids.uuid7(), clock.now()
    held_until = holding.until(now, hold_seconds, agent_waits_until=found.agent_waits_until)
    values = {
        "task": found.task_id,
        "user": int(by.id),
        "key": key_id,
        "id": correction_id,
        "author_id": int(by.id),
        "verdict": verdict,
        "output": _text(judged),
        "reason_code": reason_code,
        "justification": entry.justification,
        "evidence": _text(list(evidence)),
        "confidence": confidence,
        "contract_version": found.spec.version,
        "policy_version": decision.policy_version,
        "artifact_digest": decision.artifact_digest,
        "shown": _text(dict(shown or {})),
        "time_spent_ms": max(0, time_spent_ms),
        "client": client[:200],
        "lease_token": token,
        "digest": dedup.digest(
            decision=str(decision.id),
            author=by.id,
            verdict=verdict,
            output=judged,
            reason=reason_code,
            justification=entry.justification,
        ),
        "submitted_at": now,
        "held_until": held_until,
        **inline.change_values(
            "correction.submitted",
            subject=("decision", str(decision.id)),
            actor=by,
            scope=decision.agent_slug,
            data={
                "correction": str(correction_id),
                "task": str(found.task_id),
                "verdict": verdict,
                "reason": reason_code,
                "escalated": False,
                **({"held_until": held_until.isoformat()} if held_until else {}),
            },
            not_before=held_until,
        ),
    }
    try:
        written = statements.run(_SUBMIT, values).fetchone()
    except IntegrityError:
        # A rule of the database stands against it. The other way finds out which, and says so.
        if connection.in_atomic_block:
            raise
        return None
    if written is None:
        return None
    if held_until is None:
        spine.wake_after_commit()
    live.push(f"queue.{found.queue_id}", {"task": str(found.task_id), "state": "done"})
    return Submitted(correction_id, None, (), held_until)


def _ordinary(found: Taken, entry: submission.Entry, token: int, user_id: int) -> bool:
    """Say whether nothing stands against a judgement, and nobody else must see it."""
    decision = found.decision
    if found.holder_id != user_id or found.token != token or found.reserved_for_id is not None:
        return False
    if found.kind == Task.Kind.ADJUDICATION and entry.verdict == "escalate":
        return False
    if submission.faults(entry, found.spec, document=decision.input, decided=decision.output):
        return False
    judged = submission.judged_output(entry, decided=decision.output)
    return judged is None or not review.escalations(
        found.spec,
        input=decision.input,
        output=decision.output,
        correction=judged,
        confidence=decision.confidence,
        verdict=entry.verdict,
    )


def _text(value: Any) -> str | None:
    return orjson.dumps(value).decode() if value is not None else None
