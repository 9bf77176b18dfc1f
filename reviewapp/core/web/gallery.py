"""What the component gallery shows: samples, so that every part can be seen in each of its states."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reviewapp.core import clock
from reviewapp.core.web import schema_form

_TOKENS = (
    ("canvas", "--canvas"),
    ("surface", "--surface"),
    ("sunken", "--sunken"),
    ("raised", "--raised"),
    ("selected", "--selected"),
    ("ink", "--ink"),
    ("ink2", "--ink-2"),
    ("ink3", "--ink-3"),
    ("line", "--line"),
    ("line2", "--line-2"),
    ("input", "--line-input"),
    ("accent", "--accent-solid"),
    ("danger", "--danger-solid"),
    ("focus", "--focus"),
)
_TONES = (
    ("positive", "Met, passed"),
    ("caution", "Soon, unsure"),
    ("critical", "Late, failed"),
    ("info", "In progress"),
    ("agent", "Written by the agent"),
    ("human", "Written by a person"),
    ("neutral", "At rest"),
)
_VERDICTS = (
    ("Agree", "A", "check"),
    ("Correct", "C", "pen-line"),
    ("Can’t tell", "U", "circle-help"),
    ("Escalate", "E", "scale"),
)
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["outcome", "limit", "express", "payments"],
    "properties": {
        "outcome": {
            "title": "Outcome",
            "oneOf": [{"const": "approve", "title": "Approve"}, {"const": "decline", "title": "Decline"}],
        },
        "limit": {"title": "Limit", "type": "integer", "minimum": 500, "maximum": 75000, "x-unit": "EUR"},
        "channel": {"title": "Channel", "enum": ["branch", "online"], "x-control": "radios"},
        "conditions": {"title": "Conditions", "type": "array", "items": {"enum": ["guarantor", "direct_debit"]}},
        "express": {"title": "Answer within a day", "type": "boolean"},
        "letter": {"title": "Letter", "description": "What the customer reads", "type": "string", "maxLength": 500},
        "payments": {
            "title": "Payments",
            "type": "array",
            "maxItems": 2,
            "items": {
                "title": "Payment",
                "type": "object",
                "properties": {
                    "amount": {"title": "Amount", "type": "number", "x-unit": "EUR"},
                    "due": {"title": "Due", "type": "string", "format": "date"},
                },
            },
        },
    },
}
_VALUE = {
    "outcome": "approve",
    "limit": 120,
    "channel": "branch",
    "conditions": ["guarantor"],
    "express": True,
    "payments": [{"amount": -5.0, "due": "2026-12-01"}],
}
_ERRORS = {
    "output.limit": "Enter a limit from 500 to 75,000",
    "output.payments.0.amount": "Enter an amount above 0",
}
_COUNTS = (12, 18, 28, 64, 118)
_COUNT_LABELS = ("under 0.6", "to 0.65", "to 0.7", "to 0.8", "above")


@dataclass(frozen=True, slots=True)
class Look:
    """A reading with its band at one moment."""

    at: datetime
    value: float
    low: float
    high: float


def samples() -> dict[str, Any]:
    """Return the gallery's context."""
    now = clock.now()
    series = [
        Look(now - timedelta(hours=24 - n), 0.011 + 0.02 / (n + 1), 0.011 - 0.06 / (n + 1), 0.02 + 0.08 / (n + 1))
        for n in range(24)
    ]
    last = series[-1]
    return {
        "tokens": _TOKENS,
        "tones": _TONES,
        "since": now - timedelta(hours=2),
        "dues": [now + timedelta(hours=6), now + timedelta(minutes=12), now - timedelta(minutes=4)],
        "shares": [-1.0, -0.4, 0.3, 0.8],
        "sample_digest": "sha256:" + "9f2c7b41" * 8,
        "now": now,
        "verdicts": _VERDICTS,
        "sureness": ("Guess", "Unsure", "Fairly", "Sure", "Certain"),
        "controls": schema_form.build(_SCHEMA, value=_VALUE, errors=_ERRORS),
        "errors": _ERRORS,
        "series": series,
        "line_legend": [("s1", "Difference"), ("band", "95 % band"), ("limit", "Limit")],
        "line_head": ["Time", "Difference", "Band"],
        "line_rows": [
            [f"{last.at:%H:%M}", f"{last.value * 100:+.1f}", f"{last.low * 100:+.1f} to {last.high * 100:+.1f}"]
        ],
        "counts": _COUNTS,
        "count_labels": _COUNT_LABELS,
        "marked": (0, 1, 2),
        "bar_legend": [("bar--warn", "People look"), ("bar", "Automatic")],
        "bar_head": ["Confidence", "Decisions"],
        "bar_rows": [list(pair) for pair in zip(_COUNT_LABELS, _COUNTS, strict=True)],
        "forest_legend": [("dot", "New with 95 % interval"), ("dot--2", "Live"), ("limit", "Limit")],
    }
