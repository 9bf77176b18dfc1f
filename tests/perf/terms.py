"""What is decided in the measurements: a contract, a policy with 20 rules and 20 features, and documents of 1.5 kB."""

import hashlib
from collections.abc import Sequence
from typing import Any

AGENT = "bench"
VIEW = "bench-applicant"
ENTITIES = 200
_PURPOSES = ["car", "education", "furniture", "repairs", "business", "holiday", "retraining", "other"]
_NOTE = (
    "applicant called about the instalment and asked whether an earlier date is possible because of a new position "
    "with a longer probation period payslips of three months are attached and the landlord confirms the rent"
)
_NUMBERS = [f"figure_{number:02}" for number in range(14)]
_CHOICES = [f"choice_{number:02}" for number in range(4)]

VIEW_BODY: dict[str, Any] = {
    "name": VIEW,
    "entity": "applicant",
    "title": "What is known of an applicant",
    "owner": "Credit data",
    "freshness_seconds": 30 * 86_400,
    "features": [
        {"name": "loans", "type": "integer", "class": "internal"},
        {"name": "arrears", "type": "number", "unit": "EUR", "class": "internal"},
    ],
}


def contract() -> dict[str, Any]:
    """Return the contract's document."""
    numbers = {name: {"type": "number", "minimum": 0, "maximum": 1_000_000, "x-class": "internal"} for name in _NUMBERS}
    choices = {
        name: {"type": "string", "enum": ["low", "middle", "high", "unknown"], "x-class": "internal"}
        for name in _CHOICES
    }
    fields = {
        "applicant_id": {"type": "string", "maxLength": 40, "x-class": "internal"},
        "purpose": {"type": "string", "enum": _PURPOSES},
        "duration": {"type": "integer", "minimum": 1, "maximum": 120, "x-unit": "months"},
        "amount": {"type": "number", "minimum": 0, "x-unit": "EUR"},
        "note": {"type": "string", "maxLength": 2000, "x-class": "internal"},
        "loans": {"type": ["integer", "null"], "x-class": "internal"},
        "arrears": {"type": ["number", "null"], "x-unit": "EUR", "x-class": "internal"},
        **numbers,
        **choices,
    }
    return {
        "agent": AGENT,
        "version": 1,
        "title": "Measured loans",
        "mode": "decide",
        "input_schema": {
            "type": "object",
            "required": [name for name in fields if name not in {"loans", "arrears"}],
            "properties": fields,
        },
        "output_schema": {
            "type": "object",
            "required": ["action"],
            "properties": {"action": {"type": "string", "enum": ["approve", "decline"], "title": "Action"}},
        },
        "action_field": "action",
        "latency_ms": 2000,
        "failure": {
            "on_error": {"do": "review"},
            "on_timeout": {"do": "review"},
            "on_unavailable": {"do": "review"},
            "on_stale_features": {"do": "review"},
        },
        "features": [{"view": VIEW, "version": 1, "entity": "/input/applicant_id"}],
        "review_rules": [],
        "escalation_rules": [],
        "reason_codes": [
            {"code": "sound", "title": "Sound", "verdicts": ["agree"]},
            {"code": "income", "title": "Income misread", "verdicts": ["correct", "escalate"]},
        ],
        "min_justification": 20,
        "title_template": "{purpose}, {amount} EUR over {duration} months",
        "review_minutes": 60,
    }


def rules() -> list[dict[str, Any]]:
    """Return 20 rules of the kinds people write: comparisons, ratios, lists, texts, presence. None fires on a document."""
    conditions = [
        *(f"input.{name} > {900_000 + at}.0" for at, name in enumerate(_NUMBERS[:6])),
        *(f"input.{name} == 'unknown' && input.amount > 90000.0" for name in _CHOICES),
        "input.amount / double(input.duration) > 40000.0",
        "input.purpose in ['business', 'holiday'] && input.duration > 110",
        "input.note.contains('forged') || input.note.contains('stolen')",
        "input.note.size() > 1900",
        "has(input.arrears) && input.arrears > 50000.0",
        "has(input.loans) && input.loans > 40",
        "input.figure_06 + input.figure_07 + input.figure_08 > 2900000.0",
        "input.purpose == 'retraining' && input.choice_01 == 'unknown' && input.figure_09 > 99000.0",
        "input.duration > 119 && input.amount > 80000.0",
        "input.figure_10 < 0.0 || input.figure_11 < 0.0",
    ]
    return [
        {"id": f"R-{at:03}", "title": f"Rule {at}", "when": when, "action": "review", "text": f"Rule {at} asks for it."}
        for at, when in enumerate(conditions, start=1)
    ]


def policy(contract_digest: str, *, intercept: float = 4.0) -> dict[str, Any]:
    """Return a policy of 20 rules and a scorecard over 20 features; `intercept` only tells two policies apart."""
    numeric = [
        {
            "name": name,
            "path": f"input.{name}",
            "label": name.replace("_", " "),
            "type": "numeric",
            "edges": [5_000, 20_000, 50_000, 80_000],
            "points": [0.2, 0.1, 0.0, -0.05, -0.1],
            "missing": 0,
        }
        for name in [*_NUMBERS, "duration"]
    ]
    chosen = [
        {
            "name": name,
            "path": f"input.{name}",
            "label": name.replace("_", " "),
            "type": "categorical",
            "points": {"low": 0.1, "middle": 0.05, "high": -0.05},
            "other": 0,
            "missing": 0,
        }
        for name in [*_CHOICES, "purpose"]
    ]
    return {
        "format": "countersign.policy/1",
        "agent": AGENT,
        "contract": {"version": 1, "digest": contract_digest},
        "guardrails": rules(),
        "exceptions": [],
        "model": {
            "kind": "scorecard",
            "target": "action",
            "classes": ["decline", "approve"],
            "intercept": intercept,
            "features": [*numeric, *chosen],
            "threshold": 0.5,
            "outputs": {"approve": {"action": {"const": "approve"}}, "decline": {"action": {"const": "decline"}}},
        },
        "autonomy": {"review_below": 0.7, "override_at": None, "sample_rate": 0},
        "exemplars": [],
        "guidance": "",
    }


def document(number: int) -> dict[str, Any]:
    """Return the input of case `number`, about 1.5 kB as JSON; the same on every run."""
    known, draw = _NOTE.split(), _Draw(number)
    return {
        "applicant_id": f"applicant-{number % ENTITIES}",
        "purpose": draw.of(_PURPOSES),
        "duration": 6 + draw.below(95),
        "amount": float(500 + draw.below(69_500)),
        "note": " ".join(draw.of(known) for _ in range(165)),
        **{name: draw.below(10_000_000) / 100 for name in _NUMBERS},
        **{name: draw.of(["low", "middle", "high"]) for name in _CHOICES},
    }


class _Draw:
    """Numbers that look like chance and are the same on every run: SHAKE-256 of the case's number."""

    def __init__(self, number: int) -> None:
        self._bytes = hashlib.shake_256(f"case {number}".encode()).digest(4 * 240)
        self._at = 0

    def below(self, limit: int) -> int:
        self._at += 4
        return int.from_bytes(self._bytes[self._at - 4 : self._at], "big") % limit

    def of(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]


def features(number: int) -> dict[str, Any]:
    """Return what the view says of entity `number`."""
    return {"loans": number % 5, "arrears": float(number * 10)}
