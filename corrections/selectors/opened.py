"""A task as the person at the workbench opens it, read by one statement; the right to see it is asked beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from agents.runtime import trace
from agents.selectors.facts import Facts
from corrections.selectors import involved, sealed
from reviewapp.core import statements

# "+ 0" is for the planner, which would read all that a person ever judged to find this task's among it.
_READ = statements.told_once(f"""
    SELECT t.id, t.queue_id, q.name, q.kind, t.kind, t.state, t.title, t.due_at, t.created_at, t.why, t.lease_token,
        t.lease_until, t.lease_holder_id, h.display_name, t.reserved_for_id, m.body, m.saved_at,
        own.verdict, own.output, own.justification, own.submitted_at,
        {involved.sql("t.decision_id")},
        d.id, a.id, a.slug, a.name, a.mode, d.contract_id, d.input, d.proposal, d.output, d.confidence, d.score, d.status,
        d.reasons, d.trace, d.arm, d.propensity, d.policy_version, d.artifact_id, d.case_ref, d.unit, d.decided_at,
        d.latency_us, {sealed.SEALED}, CASE WHEN t.blind THEN (
            SELECT json_build_object('output', f.output, 'justification', f.justification, 'at', f.recorded_at)
            FROM corrections_firstjudgement f WHERE f.decision_id = t.decision_id AND f.author_id = %(user)s::int8
        ) END::text, (
            SELECT json_agg(json_build_object('id', f.id, 'name', f.name, 'kind', f.kind, 'media_type', f.media_type,
                'size', f.size, 'digest', f.digest, 'tells', f.tells) ORDER BY f.uploaded_at, f.id)
            FROM corrections_attachment f
            WHERE f.task_id = t.id AND f.uploader_id = %(user)s::int8 AND f.correction_id IS NULL
        )::text, (
            SELECT json_build_object('by', g.display_name, 'at', h.handed_at, 'note', h.note, 'copied', h.copied,
                'words', h.draft->>'justification')
            FROM corrections_handover h JOIN accounts_user g ON g.id = h.handed_by_id
            WHERE h.decision_id = t.decision_id AND h.task_id = t.id AND h.receiver_id = %(user)s::int8
            ORDER BY h.id DESC LIMIT 1
        )::text, q.lease_seconds
    FROM corrections_task t
    JOIN corrections_queue q ON q.id = t.queue_id
    JOIN agents_decision d ON d.id = t.decision_id
    JOIN agents_agent a ON a.id = d.agent_id AND a.id = q.agent_id
    LEFT JOIN accounts_user h ON h.id = t.lease_holder_id
    LEFT JOIN corrections_draft m ON m.task_id = t.id AND m.reviewer_id = %(user)s::int8
    LEFT JOIN corrections_correction own ON own.task_id = t.id AND own.author_id + 0 = %(user)s::int8
    WHERE t.id = %(task)s::uuid
""")  # noqa: S608 - texts of the code


@dataclass(frozen=True, slots=True)
class Own:
    """What the person submitted for the task themselves."""

    verdict: str
    output: dict[str, Any] | None
    justification: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Handed:
    """How a colleague handed the task to the person; `words` is the justification they had begun, `copied` whether all
    that they had entered became the person's draft."""

    by: str
    at: datetime
    note: str
    copied: bool
    words: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A task with its queue, holder and decision, and with what the person has drafted or said about it.

    `involved` says that the person has judged the decision, here or in another seat, or decided on a judgement of it;
    `sealed`, that the agent's answer is kept from them if they may judge it, and `first` is what they said without it.
    """

    task_id: UUID
    queue_id: UUID
    queue_name: str
    queue_kind: str
    kind: str
    state: str
    title: str
    due_at: datetime
    created_at: datetime
    why: list[dict[str, str]]
    token: int
    lease_until: datetime | None
    holder_id: int | None
    holder: str
    reserved_for_id: int | None
    draft: dict[str, Any]
    draft_saved_at: datetime | None
    own: Own | None
    involved: bool
    decision: Facts
    sealed: bool
    first: dict[str, Any] | None
    attachments: list[dict[str, Any]]
    handed: Handed | None
    lease_seconds: int


def read(task_id: UUID, *, user_id: int) -> Opened | None:
    """Return a task as this person opens it, or None for an unknown one. The caller checks the right to see it."""
    row = statements.run(_READ, {"task": task_id, "user": user_id}, again=True).fetchone()
    if row is None:
        return None
    return Opened(
        task_id=row[0],
        queue_id=row[1],
        queue_name=row[2],
        queue_kind=row[3],
        kind=row[4],
        state=row[5],
        title=row[6],
        due_at=row[7],
        created_at=row[8],
        why=orjson.loads(row[9]),
        token=row[10],
        lease_until=row[11],
        holder_id=row[12],
        holder=row[13] or "",
        reserved_for_id=row[14],
        draft=_json(row[15]) or {},
        draft_saved_at=row[16],
        own=Own(row[17], _json(row[18]), row[19], row[20]) if row[17] is not None else None,
        involved=row[21],
        decision=_facts(row[22:]),
        sealed=row[-5],
        first=_json(row[-4]),
        attachments=_json(row[-3]) or [],
        handed=_handed(_json(row[-2])),
        lease_seconds=row[-1],
    )


def _facts(row: tuple[Any, ...]) -> Facts:
    return Facts(
        id=row[0],
        agent_id=row[1],
        agent_slug=row[2],
        agent_name=row[3],
        mode=row[4],
        contract_id=row[5],
        input=orjson.loads(row[6]),
        proposal=_json(row[7]),
        output=_json(row[8]),
        confidence=row[9],
        score=row[10],
        status=row[11],
        reasons=orjson.loads(row[12]),
        trace=trace.unpacked(orjson.loads(row[13])),
        arm=row[14],
        propensity=row[15],
        policy_version=row[16],
        artifact_digest=row[17] or "",
        case_ref=row[18],
        unit=row[19],
        decided_at=row[20],
        latency_us=row[21],
    )


def _handed(told: dict[str, Any] | None) -> Handed | None:
    if told is None:
        return None
    at = datetime.fromisoformat(told["at"])
    return Handed(told["by"], at, told["note"], told["copied"], told["words"] or "")


def _json(text: str | None) -> Any:
    return orjson.loads(text) if text is not None else None
