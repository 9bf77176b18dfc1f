"""A task as a program sees it, read by one statement together with the right to see it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from agents.contracts.spec import ContractSpec
from agents.runtime import trace
from agents.selectors import contracts
from agents.selectors.facts import Facts
from corrections.selectors import rights, sealed, workbench
from reviewapp.core import statements
from reviewapp.core.accounts import access, keys


@dataclass(frozen=True, slots=True)
class Taken:
    """A task with its decision and contract. Of the decision's trace only the explanation is there.

    `sealed` says that whoever judges it must do so without the answer, which is here all the same: see `without_answer`.
    """

    task_id: UUID
    queue_id: UUID
    queue_kind: str
    kind: str
    seat: int
    state: str
    title: str
    why: list[dict[str, str]]
    token: int
    lease_until: datetime | None
    due_at: datetime
    holder_id: int | None
    reserved_for_id: int | None
    decision: Facts
    spec: ContractSpec
    draft: dict[str, Any]
    agent_waits_until: datetime | None
    sealed: bool

    @property
    def without_answer(self) -> "Taken":
        """Return the task as whoever judges it may read it: of a sealed one, without the answer and why it was flagged."""
        if not self.sealed:
            return self
        return replace(self, decision=sealed.facts(self.decision), why=[sealed.WHY])

    @property
    def earlier(self) -> list[dict[str, Any]]:
        """Return what others said, read when a senior's task is asked for it; reviewers stay blind to each other."""
        return workbench.earlier(self.decision.id, self.spec) if self.kind == "adjudication" else []


# What `of_row` reads; `t` is the task, `q` its queue, `a` its agent, `d` its decision, `user` whose draft it is.
COLUMNS = f"""t.id, t.queue_id, q.kind, t.kind, t.seat, t.state, t.title, t.why, t.lease_token, t.lease_until, t.due_at,
    t.lease_holder_id, t.reserved_for_id, d.id, a.id, a.slug, a.name, a.mode, d.contract_id, d.input, d.proposal, d.output,
    d.confidence, d.score, d.status, d.reasons, d.trace->'explanation', d.arm, d.propensity, d.policy_version,
    d.artifact_id, d.case_ref, d.unit, d.decided_at, d.latency_us,
    (SELECT body FROM corrections_draft WHERE task_id = t.id AND reviewer_id = %(user)s::int8),
    (SELECT due_at FROM agents_deadline WHERE decision_id = d.id AND outcome = ''), {sealed.SEALED}"""  # noqa: S608 - texts of the code

_WAITS = statements.told_once("SELECT due_at FROM agents_deadline WHERE decision_id = %s::uuid AND outcome = ''")

# In which tasks of a queue `q` the person may work.
MAY_WORK = access.holds(
    "'view_agent'", "CASE q.kind WHEN 'senior' THEN 'adjudicate_task' ELSE 'review_task' END", on="q.agent_id"
)

_READ = statements.told_once(f"""
    SELECT {COLUMNS} FROM corrections_task t
    JOIN corrections_queue q ON q.id = t.queue_id
    JOIN agents_decision d ON d.id = t.decision_id
    JOIN agents_agent a ON a.id = d.agent_id AND a.id = q.agent_id
    WHERE t.id = %(task)s::uuid AND {keys.PERSON_STANDS} AND {access.holds("'view_agent'", on="q.agent_id")}
""")  # noqa: S608 - texts of the code


def read(task_id: UUID, *, user_id: int, key_id: UUID | None = None) -> Taken | None:
    """Return a task that this person may see, by the key they came with if any.

    None for an unknown task, a right that is missing, a key that fell: which it was takes more to tell.
    """
    values = {"task": task_id, "user": user_id, "key": key_id}
    row = statements.run(_READ, values, again=True).fetchone()
    return of_row(row, user_id=user_id) if row is not None else None


def of_row(row: tuple[Any, ...], *, user_id: int) -> Taken:
    """Return what the values of `COLUMNS` say, as this person may read it."""
    explanation = _json(row[26])
    return Taken(
        task_id=row[0],
        queue_id=row[1],
        queue_kind=row[2],
        kind=row[3],
        seat=row[4],
        state=row[5],
        title=row[6],
        why=rights.why_for(user_id, orjson.loads(row[7]), row[12]),
        token=row[8],
        lease_until=row[9],
        due_at=row[10],
        holder_id=row[11],
        reserved_for_id=row[12],
        decision=Facts(
            id=row[13],
            agent_id=row[14],
            agent_slug=row[15],
            agent_name=row[16],
            mode=row[17],
            contract_id=row[18],
            input=orjson.loads(row[19]),
            proposal=_json(row[20]),
            output=_json(row[21]),
            confidence=row[22],
            score=row[23],
            status=row[24],
            reasons=orjson.loads(row[25]),
            trace=trace.unpacked({"explanation": explanation}) if explanation is not None else {},
            arm=row[27],
            propensity=row[28],
            policy_version=row[29],
            artifact_digest=row[30] or "",
            case_ref=row[31],
            unit=row[32],
            decided_at=row[33],
            latency_us=row[34],
        ),
        spec=contracts.by_id(row[18]).spec,
        draft=_json(row[35]) or {},
        agent_waits_until=row[36],
        sealed=row[37],
    )


def waits_until(decision_id: UUID) -> datetime | None:
    """Return when the contract answers an agent that waits for people; None when none waits."""
    row = statements.run(_WAITS, [decision_id]).fetchone()
    return row[0] if row is not None else None


def _json(text: str | None) -> Any:
    return orjson.loads(text) if text is not None else None
