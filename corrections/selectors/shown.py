"""A decision in words, for people who judge it: inputs by group, answer, proposal, what moved the score, rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agents.contracts import fields, words
from agents.contracts.spec import ContractSpec
from agents.selectors.facts import Facts

# A text longer than this is read as prose, not beside a label.
_LONG = 80

_RULES = {
    "error": ("could not be told", "critical", "octagon-alert"),
    "true": ("matched", "caution", "circle-dot"),
    "false": ("did not match", "neutral", "circle-dashed"),
}


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
class OutputField:
    """One field of an answer; `long` ones are prose."""

    title: str
    text: str
    long: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A tool the agent called, with its arguments in words."""

    name: str
    arguments: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a proposing agent said itself; `outputs` only where the policy answered otherwise."""

    outcome: str
    outputs: list[OutputField]
    calls: list[Call]
    confidence: float | None
    model: str
    prompt_id: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """How far one input moves the score, in log-odds; `share` is -1 to 1 of the largest, `band` where the value falls."""

    label: str
    value: str
    band: str
    points: float
    share: float


@dataclass(frozen=True, slots=True)
class Score:
    """The model's probability of the class `positive`, which it answers from `threshold` on."""

    value: float
    positive: str
    threshold: float | None
    intercept: float
    total: float


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule that was checked: its result is true, false or error; `words`, `tone` and `icon` say the same."""

    id: str
    kind: str
    title: str
    result: str
    words: str
    tone: str
    icon: str
    error: str


def grouped(spec: ContractSpec, document: Mapping[str, Any]) -> list[tuple[str, list[InputField]]]:
    """Return the inputs by the contract's groups, in its order; sensitive fields are left out."""
    groups: dict[str, list[InputField]] = {}
    for field in _inputs(spec):
        if field.sensitivity == "sensitive":
            continue
        value = fields.at(document, field.path)
        groups.setdefault(field.group or "Input", []).append(
            InputField(
                name=field.path,
                title=field.title,
                text=text_of(spec.input_schema, field, value),
                unit=field.unit,
                source=field.source,
                description=field.description,
                pointer="".join(f"/{_escaped(step)}" for step in field.path.split(".")),
                given=value is not None,
            )
        )
    return list(groups.items())


# A contract never changes, and is told the same way in every case under it.
_KEEP = 64


@lru_cache(maxsize=_KEEP)
def _inputs(spec: ContractSpec) -> tuple[fields.FieldInfo, ...]:
    return fields.describe(spec.input_schema)


@lru_cache(maxsize=_KEEP)
def _outputs(spec: ContractSpec) -> tuple[fields.FieldInfo, ...]:
    return fields.describe(spec.output_schema)


@lru_cache(maxsize=_KEEP)
def promised(spec: ContractSpec) -> list[words.FieldWords]:
    """Return what the agent promised to answer, field by field in words."""
    return words.field_list(spec.output_schema)


@lru_cache(maxsize=_KEEP)
def failures(spec: ContractSpec) -> list[tuple[str, str]]:
    """Return what is answered when no policy could, case by case in words."""
    return words.failures(spec)


def withheld(spec: ContractSpec) -> list[str]:
    """Return the titles of the inputs that reviewers do not see."""
    return [field.title for field in _inputs(spec) if field.sensitivity == "sensitive"]


def outcome(spec: ContractSpec, output: Mapping[str, Any] | None) -> str:
    """Return the action in the contract's words."""
    if output is None:
        return "No answer"
    return action(spec, fields.at(output, spec.action_field))


def action(spec: ContractSpec, value: Any) -> str:
    """Return a value of the action field in the contract's words."""
    titled = _titled(spec.output_schema, spec.action_field, value)
    words = titled or fields.human(value).replace("_", " ")
    return words[:1].upper() + words[1:]


def answer(spec: ContractSpec, output: Mapping[str, Any] | None, *, without: str = "") -> list[OutputField]:
    """Return the fields of an output in the contract's order."""
    if output is None:
        return []
    listed = []
    for field in _outputs(spec):
        if field.path != without:
            text = text_of(spec.output_schema, field, fields.at(output, field.path))
            listed.append(OutputField(field.title, text, field.kind == "string" and len(text) > _LONG))
    return listed


def proposal(spec: ContractSpec, decision: Facts) -> Proposal | None:
    """Return what the agent proposed, or None for an agent that leaves the answer to the policy."""
    told = decision.proposal
    if told is None:
        return None
    output = told.get("output")
    return Proposal(
        outcome=outcome(spec, output),
        outputs=answer(spec, output) if output != decision.output else [],
        calls=[_call(call) for call in told.get("tool_calls") or ()],
        confidence=told.get("confidence"),
        model=str(told.get("model") or ""),
        prompt_id=str(told.get("prompt_id") or ""),
    )


def score(spec: ContractSpec, decision: Facts) -> Score | None:
    """Return the model's score with its threshold, or None when no model took part."""
    told = decision.trace.get("explanation") or {}
    if decision.score is None or told.get("kind") == "none":
        return None
    positive = told.get("positive")
    return Score(
        value=decision.score,
        positive=action(spec, positive) if positive else "",
        threshold=told.get("threshold"),
        intercept=float(told.get("intercept") or 0.0),
        total=float(told.get("score") or 0.0),
    )


def contributions(spec: ContractSpec, decision: Facts) -> list[Contribution]:
    """Return what moved the score, largest first; inputs that move nothing are left out."""
    told = decision.trace.get("explanation") or {}
    moving = [one for one in told.get("contributions", ()) if one["points"]]
    top = max((abs(one["points"]) for one in moving), default=1.0)
    known = {field.path: field for field in _inputs(spec)}
    made = []
    for one in sorted(moving, key=lambda one: -abs(one["points"])):
        label, value, band = _moved(spec, known.get(one["field"]), decision, one["label"])
        made.append(Contribution(label, value, band, one["points"], one["points"] / top))
    return made


def rules(decision: Facts) -> list[RuleLine]:
    """Return the rules that were checked, those worth knowing first: errors, matches, then the rest."""
    order = list(_RULES)
    lines = sorted(decision.trace.get("rules", ()), key=lambda line: order.index(line["result"]))
    return [
        RuleLine(
            line["id"], line["kind"], line["title"], line["result"], *_RULES[line["result"]], line.get("error", "")
        )
        for line in lines
    ]


def text_of(schema: Mapping[str, Any], field: fields.FieldInfo, value: Any) -> str:
    """Return a value as a person reads it: by the title the schema gives it, else plainly with its unit."""
    return _titled(schema, field.path, value) or field.show(value)


def _titled(schema: Mapping[str, Any], path: str, value: Any) -> str:
    """Return the title a schema gives a value (oneOf with const and title, JSON Schema 2020-12), or nothing."""
    place: Any = schema
    for step in path.split("."):
        place = (place.get("properties") or {}).get(step, {})
    for choice in place.get("oneOf", ()):
        if "const" in choice and choice["const"] == value and value is not None:
            return str(choice.get("title", value))
    return ""


def _call(call: Mapping[str, Any]) -> Call:
    arguments = call.get("arguments", call.get("args"))
    listed = dict(arguments) if isinstance(arguments, Mapping) else {"arguments": arguments} if arguments else {}
    return Call(str(call.get("name", "call")), [(str(name), fields.human(one)) for name, one in listed.items()])


def _moved(spec: ContractSpec, field: fields.FieldInfo | None, decision: Facts, label: str) -> tuple[str, str, str]:
    """Return (input, value, band): the model's label names the band, the input's own words name the value."""
    if field is None:
        return label, "", ""
    if field.sensitivity == "sensitive":
        return field.title, "withheld", ""
    value = text_of(spec.input_schema, field, fields.at(decision.input, field.path))
    band = label.removeprefix(field.title).lstrip(": ")
    return field.title, value, "" if band in {value, "not given"} else band


def _escaped(step: str) -> str:
    """Return a member's name as a JSON pointer (RFC 6901) writes it."""
    return step.replace("~", "~0").replace("/", "~1")
