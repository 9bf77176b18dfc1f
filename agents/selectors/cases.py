"""A decision in words, for the page of one decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from agents.models import Agent, Decision, Resolution
from agents.selectors import answers, decisions, fed, visible
from agents.selectors.contracts import Published
from agents.selectors.fed import FedLine

_SOURCES = {
    "model": "Decided by the policy’s model",
    "guardrail": "Decided by a guardrail",
    "exception": "Decided by a learned exception",
    "proposal": "Proposed by the agent",
    "record": "Done by the agent, judged afterwards",
    "override": "Overridden by the policy",
    "contract:review": "No policy answer: the contract asks for a person",
    "contract:deny": "No policy answer: refused by the contract",
    "contract:fallback": "No policy answer: the contract’s fallback",
}
_REASONS = {
    "low_confidence": "Not sure enough.",
    "sampled": "A sample.",
    "overridden": "Overridden.",
    "unavailable": "No policy live.",
    "error": "The policy erred.",
    "timeout": "Too late.",
    "stale_features": "Old features.",
}
_RULE_ICONS = {"true": "circle-dot", "false": "circle-dashed", "error": "octagon-alert"}
_RULE_TONES = {"true": "caution", "false": "neutral", "error": "critical"}
_RULE_WORDS = {"true": "matched", "false": "did not match", "error": "could not be told"}


@dataclass(frozen=True, slots=True)
class Value:
    """One field of a document; `hidden` when its class keeps it from the page."""

    title: str
    text: str
    source: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """How far one field moved the score; `share` is -1 to 1 of the largest."""

    label: str
    points: float
    share: float


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule that was looked at."""

    id: str
    kind: str
    title: str
    result: str
    words: str
    icon: str
    tone: str
    error: str


@dataclass(frozen=True, slots=True)
class Case:
    """A decision as its page shows it. `amended` is what people say now in place of the resolution, newest last, `withdrawn` says
    that nothing stands at present, and `afresh` that the reader may judge the case then: what was settled is not theirs to read.
    """

    decision: Decision
    agent: Agent
    contract: Published
    resolution: Resolution | None
    title: str
    reasons: list[tuple[str, str]]
    outcome: str
    resolved_outcome: str
    amended: list[tuple[str, datetime]]
    withdrawn: bool
    afresh: bool
    source: str
    inputs: list[tuple[str, list[Value]]]
    outputs: list[Value]
    proposal: dict[str, Any]
    effects: list[Effect]
    intercept: float
    total: float
    probability: float | None
    positive: str
    threshold: float | None
    rules: list[RuleLine]
    review_below: float | None
    sampled: bool
    took: str
    features: list[FedLine]


def case(asker: Any, decision_id: UUID) -> Case:
    """Return one decision in words. Raises `Missing` when the asker may not see it."""
    found = decisions.detail(asker, decision_id)
    row, spec = found.decision, found.contract.spec
    told = row.trace.get("explanation") or {}
    terms = row.trace.get("autonomy") or {}
    amended = answers.amendment_rows(found.resolution)
    return Case(
        decision=row,
        agent=found.agent,
        contract=found.contract,
        resolution=found.resolution,
        title=spec.case_title(row.input),
        reasons=[(_REASONS.get(one["code"], one["code"]), one["text"]) for one in row.reasons],
        outcome=_outcome(spec, row.output),
        resolved_outcome=_settled(spec, found.resolution),
        amended=[(_outcome(spec, one.output) if one.output is not None else "", one.told_at) for one in amended],
        withdrawn=bool(amended) and amended[-1].output is None,
        afresh=visible.judges_afresh(asker, found.agent, amended),
        source=_SOURCES.get(row.trace.get("source", ""), "Decided"),
        inputs=_grouped(spec, row.input, fed.sources(row.trace)),
        outputs=[_value(field, row.output) for field in spec.output.fields if field.name != spec.action_field],
        proposal=_proposal(spec, row.proposal),
        effects=_effects(told.get("contributions", [])),
        intercept=float(told.get("intercept", 0.0)),
        total=float(told.get("score", 0.0)),
        probability=told.get("probability"),
        positive=fields.human(told.get("positive", "")),
        threshold=told.get("threshold"),
        rules=[_rule(line) for line in row.trace.get("rules", [])],
        review_below=terms.get("review_below"),
        sampled=bool(terms.get("sampled")),
        took=_took(row, spec),
        features=fed.lines(row.trace),
    )


def _took(row: Decision, spec: ContractSpec) -> str:
    """Return how long the answer took, beside what the contract allows."""
    spent = f"{row.latency_us / 1000:.1f} ms"
    if row.mode == Decision.Mode.RECORD:
        return f"{spent} to judge; nobody waited"
    late = any(one["code"] == "timeout" for one in row.reasons)
    return f"{spent}, {'beyond' if late else 'within'} the {spec.latency_ms:,} ms that the contract allows"


def _settled(spec: ContractSpec, resolution: Resolution | None) -> str:
    if resolution is None:
        return ""
    return _outcome(spec, resolution.output) if resolution.output else "No answer: the contract declares none"


def _outcome(spec: ContractSpec, output: dict[str, Any] | None) -> str:
    if not output:
        return "No answer yet"
    action = fields.human(output.get(spec.action_field))
    return action[:1].upper() + action[1:].replace("_", " ")


def _grouped(spec: ContractSpec, document: dict[str, Any], fed_from: dict[str, str]) -> list[tuple[str, list[Value]]]:
    groups: dict[str, list[Value]] = {}
    for field in spec.input.fields:
        groups.setdefault(field.group or "Input", []).append(
            _value(field, document, source=fed_from.get(field.path, field.source))
        )
    return list(groups.items())


def _value(field: fields.FieldInfo, document: dict[str, Any] | None, *, source: str = "") -> Value:
    hidden = field.sensitivity == "sensitive"
    value = fields.at(document or {}, field.path)
    return Value(field.title, "" if hidden else field.show(value) if value is not None else "not given", source, hidden)


def _proposal(spec: ContractSpec, proposal: dict[str, Any] | None) -> dict[str, Any]:
    if proposal is None:
        return {}
    calls = [
        (str(call.get("name", "call")), fields.human({key: one for key, one in call.items() if key != "name"}))
        for call in proposal.get("tool_calls", [])
    ]
    return {
        "outcome": _outcome(spec, proposal.get("output")),
        "confidence": proposal.get("confidence"),
        "model": proposal.get("model", ""),
        "prompt_id": proposal.get("prompt_id", ""),
        "calls": calls,
    }


def _effects(contributions: list[dict[str, Any]]) -> list[Effect]:
    largest = max((abs(one["points"]) for one in contributions), default=0.0) or 1.0
    made = [Effect(one["label"], one["points"], one["points"] / largest) for one in contributions]
    return sorted(made, key=lambda effect: -abs(effect.points))


def _rule(line: dict[str, Any]) -> RuleLine:
    result = line["result"]
    return RuleLine(
        id=line["id"],
        kind=line["kind"],
        title=line["title"],
        result=result,
        words=_RULE_WORDS[result],
        icon=_RULE_ICONS[result],
        tone=_RULE_TONES[result],
        error=line.get("error", ""),
    )
