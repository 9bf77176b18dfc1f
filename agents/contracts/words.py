"""A contract in sentences, for people who never read JSON Schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.contracts import fields
from agents.contracts.fields import FieldInfo
from agents.contracts.spec import ContractSpec, Failure

_VERDICTS = {"agree": "Agree", "correct": "Correct", "cannot_tell": "Can’t tell", "escalate": "Escalate"}
_FAILURES = (
    ("When the policy errs", "on_error"),
    ("When the answer is late", "on_timeout"),
    ("When no policy is live", "on_unavailable"),
)


@dataclass(frozen=True, slots=True)
class FieldWords:
    """One field: `kind` says what may be sent, `need` whether it must be."""

    field: FieldInfo
    kind: str
    need: str


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """A reason code with the verdicts it fits, in words."""

    code: str
    title: str
    verdicts: str


def field_list(schema: Mapping[str, Any]) -> list[FieldWords]:
    """Return the fields of a schema in display order, in words."""
    return [_field(field, _property(schema, field.path)) for field in fields.describe(schema)]


def failures(spec: ContractSpec) -> list[tuple[str, str]]:
    """Return what is answered when no policy could, case by case."""
    told = [(title, _failure(getattr(spec, name), spec)) for title, name in _FAILURES]
    if any(use.required for use in spec.features):
        told.append(("When a feature is old or missing", _failure(spec.on_stale_features, spec)))
    return told


def reasons(spec: ContractSpec) -> list[ReasonWords]:
    """Return the reason codes with their verdicts."""
    return [
        ReasonWords(one.code, one.title, ", ".join(_VERDICTS[verdict] for verdict in one.verdicts))
        for one in spec.reason_codes
    ]


def beyond_capacity(spec: ContractSpec) -> str:
    """Return what one more flagged decision gets once the review capacity is used up; nothing without such a limit."""
    if spec.capacity is None:
        return ""
    match spec.capacity.then:
        case "refuse":
            return "One more is refused, and told when to come again"
        case "fallback":
            answer = fields.human((spec.capacity.output or {}).get(spec.action_field))
            return f"One more is answered at once: {answer}. What must be escalated still waits"
        case _:
            return "One more waits all the same, and says that the capacity is passed"


def duration(minutes: int) -> str:
    """Return a length of time in its largest whole unit."""
    for size, word in ((1440, "day"), (60, "hour")):
        if minutes % size == 0:
            return f"{minutes // size} {word}{'' if minutes == size else 's'}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _field(field: FieldInfo, prop: Mapping[str, Any]) -> FieldWords:
    need = "Required" if field.required else "Optional"
    if field.default is not None:
        need = f"If left out: {fields.human(field.default)}"
    return FieldWords(field, _kind(field, prop), need)


def _kind(field: FieldInfo, prop: Mapping[str, Any]) -> str:
    if field.choices:
        listed = [fields.human(choice) for choice in field.choices]
        return "One of: " + "; ".join(listed) if len(listed) <= 12 else f"One of {len(listed)} choices"
    match field.kind:
        case "integer":
            return "Whole number" + _range(prop, field.unit)
        case "number":
            return "Number" + _range(prop, field.unit)
        case "boolean":
            return "Yes or no"
        case "string":
            longest = f", at most {prop['maxLength']:,} characters" if "maxLength" in prop else ""
            return {"date": "Date", "date-time": "Date and time"}.get(str(prop.get("format")), "Text") + longest
        case "array":
            return "List"
        case "object":
            return "Object"
        case _:
            return "Any value"


def _range(prop: Mapping[str, Any], unit: str) -> str:
    low, high = prop.get("minimum"), prop.get("maximum")
    tail = f" {unit}" if unit else ""
    if low is not None and high is not None:
        return f", {fields.human(low)} to {fields.human(high)}{tail}"
    if low is not None:
        return f", {fields.human(low)}{tail} or more"
    if high is not None:
        return f", at most {fields.human(high)}{tail}"
    return f", in {unit}" if unit else ""


def _failure(terms: Failure, spec: ContractSpec) -> str:
    answer = fields.human((terms.output or {}).get(spec.action_field)) if terms.output else ""
    match terms.do:
        case "review":
            return f"A person decides; until then the answer is {answer}" if answer else "A person decides"
        case "deny":
            return f"Refuse at once: {answer}"
        case _:
            return f"Fall back at once: {answer}"


def _property(schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    found = fields.resolved(schema, schema)
    for step in path.split("."):
        found = fields.resolved(schema, found["properties"][step])
    return found
