"""What a language model should know before it answers: the live policy and the contract, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from agents.runtime.artifact import Clause, Policy
from agents.runtime.exemplars import Path, nearest
from agents.selectors.live import Live, Served
from reviewapp.core import ids
from reviewapp.core.errors import Missing

_DOES = {"review": "A person looks first.", "escalate": "A risk officer looks first.", "output": "The answer is fixed."}


def document(live: Live) -> dict[str, Any]:
    """Return what an agent's program needs of its policy: guidance, rules, thresholds, the answer's form, and `text`,
    all of it as one text for a prompt.

    Raises `Missing` while the agent has no contract. `policy` and `thresholds` are null while nothing is served.
    """
    spec, served = contract_of(live), live.stable
    policy = served.policy if served else None
    rules = list(_rules(policy, spec))
    action = next((one for one in fields.describe(spec.output_schema) if one.path == spec.action_field), None)
    return {
        "agent": live.slug,
        "policy": reference(served),
        "contract": {"version": spec.version, "digest": spec.digest, "title": spec.title},
        "guidance": policy.guidance if policy else "",
        "rules": rules,
        "thresholds": _thresholds(policy),
        "answer": {
            "action_field": spec.action_field,
            "actions": list(action.choices) if action else [],
            "schema": spec.output_schema,
        },
        "exemplars": len(policy.exemplars) if policy else 0,
        "text": _text(policy, spec, rules, list(action.choices) if action else []),
    }


def exemplars(live: Live, wanted: str | Mapping[Path, Any] | None, *, limit: int) -> dict[str, Any]:
    """Return the live policy's exemplars most like `wanted`, without inputs that the contract calls sensitive.

    They are left out before anything is compared: nobody finds them out by asking for them.
    """
    spec = contract_of(live)
    hidden = {one.path for one in fields.describe(spec.input_schema) if one.sensitivity == "sensitive"}
    listed = live.stable.policy.exemplars if live.stable else ()
    shown = [{**one, "input": _without(one.get("input", {}), hidden)} for one in listed]
    return {
        "agent": live.slug,
        "policy": reference(live.stable),
        "exemplars": [
            {
                "source": str(near.exemplar.get("source", "")),
                "similarity": near.similarity,
                "input": near.exemplar["input"],
                "output": near.exemplar.get("output", {}),
                "reading": str(near.exemplar.get("reading", "")),
            }
            for near in nearest(shown, wanted, limit=limit)
        ],
    }


def tag(body: Mapping[str, Any]) -> str:
    """Return the strong entity tag of a document: the digest of its canonical bytes (RFC 8785) in quotes (RFC 9110)."""
    return f'"{ids.digest(dict(body))}"'


def contract_of(live: Live) -> ContractSpec:
    """Return the contract in force. Raises `Missing` while there is none."""
    if live.contract is None:
        raise Missing("This agent has no contract yet.", code="contract_missing")
    return live.contract.spec


def reference(served: Served | None) -> dict[str, Any] | None:
    """Return version and digest of a served policy."""
    return {"version": served.version, "digest": served.policy.digest} if served else None


def _rules(policy: Policy | None, spec: ContractSpec) -> Iterator[dict[str, Any]]:
    for clause in (*policy.guardrails, *policy.exceptions) if policy else ():
        yield _rule(clause)
    for rule in spec.review_rules:
        yield {
            "id": rule.id,
            "kind": "contract",
            "title": rule.text,
            "text": rule.text,
            "when": rule.when,
            "action": rule.action,
            "output": None,
            "support": 0,
        }


def _rule(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "kind": clause.kind,
        "title": clause.title,
        "text": clause.text,
        "when": clause.when,
        "action": clause.action,
        "output": clause.output,
        "support": clause.support,
    }


def _thresholds(policy: Policy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    terms = policy.autonomy
    return {"review_below": terms.review_below, "override_at": terms.override_at, "sample_rate": terms.sample_rate}


def _text(policy: Policy | None, spec: ContractSpec, rules: list[dict[str, Any]], actions: list[Any]) -> str:
    lines = [spec.title]
    if policy and policy.guidance:
        lines += ["", policy.guidance]
    if actions:
        lines += ["", f"Answer {spec.action_field} with one of: {', '.join(map(str, actions))}."]
    if rules:
        lines += ["", "Rules:", *(f"- {_line(rule)}" for rule in rules)]
    if policy:
        below = f"{policy.autonomy.review_below:.2f}"
        lines += ["", f"Say how sure you are, from 0 to 1. Below {below} a person looks first."]
    return "\n".join(lines)


def _line(rule: Mapping[str, Any]) -> str:
    told = rule["text"] if rule["text"] == rule["title"] else f"{rule['title']}. {rule['text']}"
    told = told.rstrip(".")
    if rule["kind"] == "exception":
        return f"{rule['id']} {told}. Learned from {rule['support']} settled cases."
    return f"{rule['id']} {told}. {_DOES[rule['action']]}"


def _without(document: Any, hidden: set[str], prefix: str = "") -> dict[str, Any]:
    return {
        name: _without(value, hidden, f"{prefix}{name}.") if isinstance(value, Mapping) else value
        for name, value in document.items()
        if f"{prefix}{name}" not in hidden
    }
