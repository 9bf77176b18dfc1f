"""Reading a contract document: every fault by its dotted path, with the mend."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from agents.contracts import features, fields, outcomes, proof, terms
from agents.contracts.faults import Fault
from agents.contracts.schema import Schema, join, unstorable
from agents.contracts.schema import faults_of as schema_faults

VERDICTS = ("agree", "correct", "cannot_tell", "escalate")
FAILURES = ("on_error", "on_timeout", "on_unavailable")
# Apart from the others: a contract that says nothing of features keeps the digest it had before there were any.
ON_STALE = "on_stale_features"
OPTIONAL = ("features", *outcomes.MEMBERS, *terms.SILENT, *proof.SILENT)
_DOINGS = ("review", "deny", "fallback")
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")
_SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")

DEFAULTS: Mapping[str, Any] = {
    "latency_ms": 1000,
    "failure": {on: {"do": "review"} for on in FAILURES},
    "review_rules": [],
    "escalation_rules": [],
    "reason_codes": [],
    "min_justification": 0,
    "title_template": "",
    "review_minutes": 480,
}
_REQUIRED = ("agent", "version", "title", "mode", "input_schema", "output_schema", "action_field")
_RANGES = {
    "version": (1, 1_000_000, ""),
    "latency_ms": (1, 60_000, " ms"),
    "min_justification": (0, 5_000, " characters"),
    "review_minutes": (1, 525_600, " minutes"),
}


def faults_of(body: Any) -> list[Fault]:
    """Return everything that keeps `body` from being a contract; [] when it is one."""
    if not isinstance(body, Mapping):
        return [("", "A contract is a JSON object.")]
    found = [(key, "This field is required.") for key in _REQUIRED if key not in body]
    known = {*_REQUIRED, *DEFAULTS, *OPTIONAL}
    found += [(str(key), "Contracts have no such field.") for key in body if key not in known]
    found += _heads(body)
    schemas = [
        fault for key in ("input_schema", "output_schema") if key in body for fault in schema_faults(body[key], key)
    ]
    found += schemas
    if not schemas and "output_schema" in body:
        found += _output_faults(body)
    if not schemas and "input_schema" in body:
        found += _template_faults(body)
    for key in ("review_rules", "escalation_rules"):
        found += _rule_faults(body.get(key, []), key)
    found += _reason_faults(body.get("reason_codes", []))
    sound = not schemas and "output_schema" in body
    found += terms.faults_of(body, Schema(body["output_schema"]) if sound else None)
    found += proof.faults_of(body)
    found += outcomes.faults_of(body)
    found += features.faults_of(body.get("features", []), None if schemas else body.get("input_schema"))
    return found


def _heads(body: Mapping[str, Any]) -> Iterator[Fault]:
    if "agent" in body and not (isinstance(body["agent"], str) and _SLUG.match(body["agent"])):
        yield "agent", "Name the agent by small letters, digits and hyphens."
    if "title" in body and not _is_text(body["title"], 200):
        yield "title", "Give a title of 1 to 200 characters."
    if "mode" in body and body["mode"] not in {"decide", "propose"}:
        yield "mode", 'Say "decide" (the policy answers) or "propose" (the agent answers, the policy judges).'
    for key, (low, high, unit) in _RANGES.items():
        value = body.get(key, low)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            yield key, f"Give a whole number from {low} to {high}{unit}."


def _output_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    action, properties = body.get("action_field"), body["output_schema"]["properties"]
    if action is not None and action not in properties:
        yield "action_field", f"Name a field of the output: {', '.join(properties)}."
    failure = body.get("failure", {})
    if not isinstance(failure, Mapping):
        yield "failure", f"Give an object with {', '.join(FAILURES)}."
        return
    schema = Schema(body["output_schema"])
    for on, term in failure.items():
        path = join("failure", on)
        if on not in {*FAILURES, ON_STALE}:
            yield path, f"Known are {', '.join((*FAILURES, ON_STALE))}."
        elif not isinstance(term, Mapping) or term.get("do") not in _DOINGS or set(term) - {"do", "output"}:
            yield path, f'Give {{"do": …}} with one of {", ".join(_DOINGS)}, and the "output" to answer.'
        elif term.get("output") is None and term["do"] != "review":
            yield join(path, "output"), f'"{term["do"]}" answers at once: say with which output.'
        elif term.get("output") is not None:
            yield from schema.validate(term["output"], prefix=join(path, "output"))


def _template_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    template = body.get("title_template", "")
    if not isinstance(template, str):
        yield "title_template", "Give a text with input fields in braces."
        return
    known = {field.path for field in fields.describe(body["input_schema"])}
    for name in fields.PLACEHOLDER.findall(template):
        if name not in known:
            yield "title_template", f"The input has no field {name}."


def _rule_faults(rules: Any, key: str) -> Iterator[Fault]:
    if not isinstance(rules, list):
        yield key, "Give a list of rules."
        return
    seen: set[str] = set()
    allowed = {"id", "when", "text", "action"}
    for index, rule in enumerate(rules):
        path = join(key, index)
        if not isinstance(rule, Mapping):
            yield path, "A rule is an object with id, when and text."
            continue
        identity = rule.get("id")
        if not isinstance(identity, str) or not _CODE.match(identity):
            yield join(path, "id"), "Give an id of letters, digits, dots, hyphens or underscores."
        elif identity in seen:
            yield join(path, "id"), f"The id {identity} is used twice."
        else:
            seen.add(identity)
        if not _is_text(rule.get("when"), 2_000):
            yield join(path, "when"), "Give the condition as a CEL expression of at most 2,000 characters."
        if not _is_text(rule.get("text"), 300):
            yield join(path, "text"), "Say in at most 300 characters why a person should look."
        if key == "review_rules" and rule.get("action") not in {"review", "escalate"}:
            yield join(path, "action"), 'Say "review" or "escalate".'
        for extra in set(rule) - allowed:
            yield join(path, str(extra)), "Rules have no such field."


def _reason_faults(codes: Any) -> Iterator[Fault]:
    if not isinstance(codes, list):
        yield "reason_codes", "Give a list of reason codes."
        return
    seen: set[str] = set()
    for index, reason in enumerate(codes):
        path = join("reason_codes", index)
        if not isinstance(reason, Mapping) or not _is_text(reason.get("title"), 120):
            yield path, "A reason is an object with code, title and verdicts."
            continue
        code = reason.get("code")
        if not isinstance(code, str) or not _CODE.match(code) or code in seen:
            yield join(path, "code"), "Give every reason its own code of letters, digits, dots, hyphens or underscores."
        else:
            seen.add(code)
        verdicts = reason.get("verdicts", list(VERDICTS))
        if not isinstance(verdicts, list) or not verdicts or set(map(str, verdicts)) - set(VERDICTS):
            yield join(path, "verdicts"), f"List some of {', '.join(VERDICTS)}."


def proposal_faults(proposal: Any, output: Schema, *, required: bool, prefix: str) -> list[Fault]:
    """Return what is wrong with an agent's proposal; `required` when the contract's mode is "propose"."""
    if proposal is None:
        return [(prefix, "This agent proposes its answer: send it as proposal.output.")] if required else []
    if not isinstance(proposal, Mapping):
        return [(prefix, "Send an object with output, and confidence if there is one.")]
    found = list(_proposal_heads(proposal, prefix))
    if "output" in proposal:
        found += output.validate(proposal["output"], prefix=join(prefix, "output"))
    rest = {key: value for key, value in proposal.items() if key != "output"}
    return found + [(join(prefix, path), message) for path, message in unstorable(rest)]


def _proposal_heads(proposal: Mapping[str, Any], prefix: str) -> Iterator[Fault]:
    if "output" not in proposal:
        yield join(prefix, "output"), "This field is required."
    confidence = proposal.get("confidence")
    number = isinstance(confidence, int | float) and not isinstance(confidence, bool)
    if confidence is not None and not (number and 0 <= confidence <= 1):
        yield join(prefix, "confidence"), "Give a number from 0 to 1."
    for key in ("model", "prompt_id"):
        if not isinstance(proposal.get(key, ""), str):
            yield join(prefix, key), "Send text."
    calls = proposal.get("tool_calls", [])
    if not isinstance(calls, list) or not all(isinstance(call, Mapping) for call in calls):
        yield join(prefix, "tool_calls"), "Send a list of objects, one per call."
    for key in proposal:
        if key not in {"output", "confidence", "model", "prompt_id", "tool_calls"}:
            yield join(prefix, str(key)), "Proposals have no such field."


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= longest
