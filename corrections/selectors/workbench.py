"""Everything the workbench shows of one task, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from agents.selectors import contracts, facts
from corrections.models import Draft, Task
from corrections.selectors import rights, similar
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class InputField:
    """One input as a row of the table; `pointer` is its JSON pointer for citing it as evidence."""

    name: str
    title: str
    text: str
    unit: str
    source: str
    description: str
    pointer: str
    given: bool


@dataclass(frozen=True, slots=True)
class Contribution:
    """How far one input moves the score; `share` is -1 to 1 of the largest."""

    label: str
    points: float
    share: float


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule that was checked: its result is true, false or error."""

    id: str
    kind: str
    title: str
    result: str


@dataclass(frozen=True, slots=True)
class Case:
    """A task with its decision, as a reviewer needs it."""

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
    holder: str
    mine: bool
    may_judge: bool
    may_work: bool
    decision: facts.Facts
    spec: ContractSpec
    groups: list[tuple[str, list[InputField]]]
    outcome: str
    outputs: list[tuple[str, str]]
    contributions: list[Contribution]
    intercept: float
    rules: list[RuleLine]
    review_below: float | None
    draft: dict[str, Any]
    draft_saved_at: datetime | None
    similar: list[similar.Precedent]
    earlier: list[dict[str, Any]]


def case(task_id: UUID, user: User, *, now: datetime) -> Case:
    """Return everything the workbench shows. Raises `Missing` for a task the person may not know of."""
    found = Task.objects.select_related("queue__agent", "lease_holder").filter(pk=task_id).first()
    if found is None or not access.can(user, "agents.view_agent", found.queue.agent):
        raise Missing("This task does not exist.")
    decision = facts.of_decision(found.decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    draft = Draft.objects.filter(task=found, reviewer=user).first()
    explanation = decision.trace.get("explanation") or {}
    terms = decision.trace.get("autonomy") or {}
    held = found.lease_until is not None and found.lease_until > now and found.lease_holder is not None
    mine = found.lease_holder_id == user.pk
    return Case(
        task_id=found.pk,
        queue_id=found.queue_id,
        queue_name=found.queue.name,
        queue_kind=found.queue.kind,
        kind=found.kind,
        state=found.state,
        title=found.title,
        due_at=found.due_at,
        created_at=found.created_at,
        why=list(found.why),
        token=found.lease_token,
        lease_until=found.lease_until,
        holder=found.lease_holder.display_name if held and found.lease_holder and not mine else "",
        mine=mine,
        may_judge=rights.may_judge(user, found),
        may_work=rights.can_work(user, found.queue),
        decision=decision,
        spec=spec,
        groups=grouped(spec, decision.input),
        outcome=outcome(spec, decision.output),
        outputs=shown_output(spec, decision.output, without=spec.action_field),
        contributions=contributions(explanation),
        intercept=float(explanation.get("intercept") or 0.0),
        rules=[
            RuleLine(line["id"], line["kind"], line["title"], line["result"])
            for line in decision.trace.get("rules", [])
        ],
        review_below=terms.get("review_below"),
        draft=draft.body if draft else {},
        draft_saved_at=draft.saved_at if draft else None,
        similar=similar.precedents(decision, limit=5),
        earlier=_earlier(found, spec),
    )


def grouped(spec: ContractSpec, document: Mapping[str, Any]) -> list[tuple[str, list[InputField]]]:
    """Return the inputs by the contract's groups, in its order; sensitive fields are left out."""
    groups: dict[str, list[InputField]] = {}
    for field in fields.describe(spec.input_schema):
        if field.sensitivity == "sensitive":
            continue
        value = fields.at(document, field.path)
        groups.setdefault(field.group or "Input", []).append(
            InputField(
                name=field.path,
                title=field.title,
                text=titled(spec.input_schema, field.path, value) or field.show(value),
                unit=field.unit,
                source=field.source,
                description=field.description,
                pointer="/" + field.path.replace(".", "/"),
                given=value is not None,
            )
        )
    return list(groups.items())


def outcome(spec: ContractSpec, output: Mapping[str, Any] | None) -> str:
    """Return the action in the contract's words."""
    if output is None:
        return "No answer"
    value = fields.at(output, spec.action_field)
    return titled(spec.output_schema, spec.action_field, value) or fields.human(value).replace("_", " ").capitalize()


def shown_output(spec: ContractSpec, output: Mapping[str, Any] | None, *, without: str = "") -> list[tuple[str, str]]:
    """Return (title, text) of the output's fields in the contract's order."""
    return [
        (
            field.title,
            titled(spec.output_schema, field.path, fields.at(output, field.path))
            or field.show(fields.at(output, field.path)),
        )
        for field in fields.describe(spec.output_schema)
        if field.path != without and output is not None
    ]


def titled(schema: Mapping[str, Any], path: str, value: Any) -> str:
    """Return the title a schema gives a value (oneOf with const and title, RFC draft 2020-12), or nothing."""
    place: Any = schema
    for step in path.split("."):
        place = (place.get("properties") or {}).get(step, {})
    for choice in place.get("oneOf", ()):
        if "const" in choice and choice["const"] == value and value is not None:
            return str(choice.get("title", value))
    return ""


def contributions(explanation: Mapping[str, Any]) -> list[Contribution]:
    """Return what moved the score, largest first; inputs that move nothing are left out."""
    listed = [one for one in explanation.get("contributions", []) if one["points"]]
    top = max((abs(one["points"]) for one in listed), default=1.0)
    ordered = sorted(listed, key=lambda one: -abs(one["points"]))
    return [Contribution(one["label"], one["points"], one["points"] / top) for one in ordered]


def _earlier(task: Task, spec: ContractSpec) -> list[dict[str, Any]]:
    """Return what others said before, for the senior who settles it; reviewers stay blind to each other."""
    if task.kind != Task.Kind.ADJUDICATION:
        return []
    rows = task.decision.corrections.select_related("author").order_by("submitted_at")
    return [
        {
            "author": row.author.display_name,
            "verdict": row.get_verdict_display(),
            "outcome": outcome(spec, row.output) if row.output is not None else "",
            "output": shown_output(spec, row.output, without=spec.action_field),
            "reason": next((one.title for one in spec.reason_codes if one.code == row.reason_code), row.reason_code),
            "justification": row.justification,
            "confidence": row.confidence,
            "at": row.submitted_at,
        }
        for row in rows
    ]
