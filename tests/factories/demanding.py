"""An agent whose contract uses what JSON Schema has for forms: references, alternatives, formats, lists of objects."""

import copy
from typing import Any

from tests.factories.feedback import Room, room

_PART: dict[str, Any] = {
    "type": "object",
    "required": ["label", "amount"],
    "properties": {
        "label": {"type": "string", "title": "Label", "minLength": 2},
        "amount": {"type": "number", "title": "Amount", "minimum": 0, "multipleOf": 0.5, "x-unit": "EUR"},
        "due": {"type": "string", "format": "date", "title": "Due"},
        "kind": {
            "oneOf": [{"const": "fee", "title": "A fee"}, {"const": "rate", "title": "An instalment"}],
            "default": "rate",
            "title": "Kind",
        },
    },
}

INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["applicant", "purpose"],
    "$defs": {
        "person": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "title": "Name"},
                "mail": {"type": ["string", "null"], "format": "email", "title": "Mail"},
                "language": {"type": "string", "default": "en", "title": "Language"},
            },
        },
        "part": _PART,
    },
    "properties": {
        "applicant": {"$ref": "#/$defs/person", "title": "Applicant"},
        "guarantor": {"anyOf": [{"$ref": "#/$defs/person"}, {"type": "null"}], "title": "Guarantor"},
        "purpose": {
            "oneOf": [{"const": "car", "title": "A car"}, {"const": "home", "title": "A home"}],
            "title": "Purpose",
        },
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}, "title": "Parts"},
        "asked": {"allOf": [{"type": "number"}, {"minimum": 100}], "title": "Asked for", "default": 500.0},
    },
}

OUTPUT: dict[str, Any] = {
    "type": "object",
    "required": ["action", "schema"],
    "$defs": {
        "part": _PART,
        "note": {
            "type": "object",
            "required": ["text"],
            "properties": {
                "text": {"type": "string"},
                "answers": {"type": "array", "items": {"$ref": "#/$defs/note"}},
            },
        },
    },
    "properties": {
        "action": {
            "oneOf": [
                {"const": "approve", "title": "Approve it"},
                {"const": "refer", "title": "Ask the branch"},
                {"const": "decline", "title": "Decline it"},
            ],
            "title": "Action",
            "description": "What the agent does",
        },
        "schema": {"const": 2, "title": "Form of the answer"},
        "limit": {
            "anyOf": [{"type": "number", "exclusiveMinimum": 0, "multipleOf": 50}, {"type": "null"}],
            "title": "Limit",
            "x-unit": "EUR",
        },
        "from_day": {"type": "string", "format": "date", "title": "From"},
        "call_at": {"type": "string", "format": "date-time", "title": "Call at"},
        "opens": {"type": "string", "format": "time", "title": "Opens"},
        "mail": {"type": ["string", "null"], "format": "email", "title": "Mail"},
        "page": {"type": "string", "format": "uri", "title": "Page"},
        "ticket": {"type": "string", "format": "uuid", "title": "Ticket"},
        "address": {"type": "string", "format": "ipv4", "title": "Address"},
        "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$", "title": "Code", "default": "AB-100"},
        "months": {"allOf": [{"type": "integer"}, {"minimum": 6}, {"maximum": 60}], "title": "Months"},
        "level": {"enum": [1, 2, "special", None], "title": "Level"},
        "tags": {"type": "array", "items": {"enum": ["fast", "slow"]}, "title": "Tags"},
        "lines": {"type": "array", "items": {"type": "string"}, "title": "Lines"},
        "letter": {"type": "string", "maxLength": 2000, "title": "Letter"},
        "insured": {"type": "boolean", "title": "Insured"},
        "home": {
            "allOf": [
                {"type": "object", "required": ["city"], "properties": {"city": {"type": "string", "title": "City"}}},
                {"properties": {"zip": {"type": "string", "title": "Postcode", "pattern": "^[0-9]{5}$"}}},
            ],
            "title": "Home",
        },
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}, "title": "Parts"},
        "note": {"$ref": "#/$defs/note", "title": "Note"},
    },
}

GIVEN: dict[str, Any] = {
    "applicant": {"name": "Ada"},
    "guarantor": None,
    "purpose": "car",
    "parts": [{"label": "Wheels", "amount": 12.5, "due": "2027-01-31"}],
}

ANSWER: dict[str, Any] = {
    "action": "refer",
    "schema": 2,
    "limit": 150.0,
    "from_day": "2027-01-31",
    "call_at": "2027-01-31T09:30:00+01:00",
    "opens": "09:30:00Z",
    "mail": None,
    "page": "https://example.org/case/7",
    "ticket": "0190c1f0-7d3a-7cc4-9a5e-1b2c3d4e5f60",
    "address": "192.0.2.7",
    "code": "XY-007",
    "months": 24,
    "level": "special",
    "tags": ["slow"],
    "lines": ["One", "Two"],
    "letter": "Dear Ada,\nall is well.",
    "insured": False,
    "home": {"city": "Ulm", "zip": "89073"},
    "parts": [
        {"label": "Fee", "amount": 10.5, "due": "2027-02-28", "kind": "fee"},
        {"label": "Rate", "amount": 20, "kind": "rate"},
    ],
    "note": {"text": "Call", "answers": [{"text": "Done"}]},
}

POLICY: dict[str, Any] = {"model": {"kind": "none"}, "guardrails": [], "exceptions": []}


def demanding() -> Room:
    """Make an agent that proposes under the demanding contract, serving, with queues."""
    terms = {
        "input_schema": copy.deepcopy(INPUT),
        "output_schema": copy.deepcopy(OUTPUT),
        "failure": {"on_error": {"do": "review"}, "on_timeout": {"do": "review"}, "on_unavailable": {"do": "review"}},
        "review_rules": [{"id": "C-1", "when": "output.months > 12", "action": "review", "text": "Long."}],
        "escalation_rules": [],
        "title_template": "{applicant.name}, {purpose}",
    }
    return room(slug="demanding", mode="propose", policy=POLICY, **terms)
