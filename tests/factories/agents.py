"""Agents for tests: a small lending contract and policy in each mode, as documents and as rows."""

import copy
from typing import Any

from agents.contracts.spec import ContractSpec

LENDING: dict[str, Any] = {
    "agent": "lending",
    "version": 1,
    "title": "Small loans",
    "mode": "decide",
    "input_schema": {
        "type": "object",
        "required": ["purpose", "duration", "amount"],
        "properties": {
            "purpose": {
                "type": "string",
                "enum": ["car", "education", "repairs"],
                "title": "Purpose",
                "x-group": "Loan",
            },
            "duration": {"type": "integer", "minimum": 1, "maximum": 120, "title": "Duration", "x-unit": "months"},
            "amount": {"type": "number", "minimum": 0, "title": "Amount", "x-unit": "EUR", "x-source": "Application"},
            "savings": {"type": ["number", "null"], "title": "Savings", "x-unit": "EUR"},
            "employed": {"type": "boolean", "title": "Employed", "default": True},
            "age": {"type": "integer", "title": "Age", "x-class": "sensitive"},
            "note": {"type": "string", "maxLength": 200, "title": "Note"},
            "tags": {"type": "array", "items": {"type": "string"}, "title": "Tags"},
        },
    },
    "output_schema": {
        "type": "object",
        "required": ["action"],
        "properties": {
            "action": {"type": "string", "enum": ["approve", "decline"], "title": "Action"},
            "limit": {"type": "number", "title": "Limit", "x-unit": "EUR"},
        },
    },
    "action_field": "action",
    "latency_ms": 5000,
    "failure": {
        "on_error": {"do": "review"},
        "on_timeout": {"do": "review"},
        "on_unavailable": {"do": "deny", "output": {"action": "decline"}},
    },
    "review_rules": [
        {
            "id": "C-1",
            "when": "input.amount > 50000.0 && output.action == 'approve'",
            "action": "escalate",
            "text": "Large loans are seen by a risk officer.",
        }
    ],
    "escalation_rules": [
        {"id": "X-1", "when": "correction.action != output.action && input.amount > 10000.0", "text": "Large change."}
    ],
    "reason_codes": [
        {"code": "sound", "title": "Sound", "verdicts": ["agree"]},
        {"code": "income", "title": "Income misread", "verdicts": ["correct", "escalate"]},
    ],
    "min_justification": 20,
    "title_template": "{purpose}, {amount} EUR over {duration} months",
    "review_minutes": 60,
}

POLICY: dict[str, Any] = {
    "format": "countersign.policy/1",
    "agent": "lending",
    "contract": {"version": 1, "digest": ""},
    "guardrails": [
        {
            "id": "R-001",
            "title": "Savings below the amount",
            "when": "has(input.savings) && input.savings < 0.0",
            "action": "review",
            "text": "Negative savings.",
        },
        {
            "id": "R-002",
            "title": "No loan beyond eight years",
            "when": "input.duration > 96",
            "action": "output",
            "output": {"action": "decline"},
            "text": "Loans beyond eight years are declined.",
        },
    ],
    "exceptions": [
        {
            "id": "E-0001",
            "title": "Education is approved",
            "when": "input.purpose == 'education'",
            "output": {"action": "approve"},
            "support": 8,
            "sources": ["one", "two"],
        }
    ],
    "model": {
        "kind": "scorecard",
        "target": "action",
        "classes": ["decline", "approve"],
        "intercept": 0.7,
        "features": [
            {
                "name": "duration",
                "path": "input.duration",
                "label": "Duration",
                "type": "numeric",
                "edges": [12, 24, 36],
                "points": [1.1, 0.3, -0.2, -1.7],
                "missing": 0,
            },
            {
                "name": "purpose",
                "path": "input.purpose",
                "label": "Purpose",
                "type": "categorical",
                "points": {"car": 0.1, "repairs": -0.3},
                "other": 0.05,
                "missing": 0,
            },
            {
                "name": "savings",
                "path": "input.savings",
                "label": "Savings",
                "type": "numeric",
                "edges": [1000],
                "points": [-0.4, 0.9],
                "missing": -0.1,
            },
        ],
        "threshold": 0.5,
        "outputs": {
            "approve": {"action": {"const": "approve"}, "limit": {"input": "amount"}},
            "decline": {"action": {"const": "decline"}},
        },
    },
    "autonomy": {"review_below": 0.7, "override_at": None, "sample_rate": 0},
    "exemplars": [],
    "guidance": "",
}


def contract_body(**changes: Any) -> dict[str, Any]:
    """Return the lending contract with top-level members replaced."""
    return {**copy.deepcopy(LENDING), **changes}


def spec(**changes: Any) -> ContractSpec:
    """Return the parsed lending contract."""
    return ContractSpec.parse(contract_body(**changes))


def policy_body(contract: ContractSpec, /, **changes: Any) -> dict[str, Any]:
    """Return the lending policy bound to a contract, with top-level members replaced."""
    body = copy.deepcopy(POLICY)
    body["agent"] = contract.agent
    body["contract"] = {"version": contract.version, "digest": contract.digest}
    return {**body, **changes}
