"""Examples in the API's description: one refund request of the demo, from the question to the person's answer.

A test holds them against the demo's contract.
"""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

_ID = "019ab0c4-7c3e-7d1a-9d0e-3f2a5b6c7d8e"
_AT = "2026-03-02T09:14:07.120Z"
_DIGEST = "sha256:5f0f6ad8b4e0d5a2b6a4c3ed9c1d0f6e7b8a9c0d1e2f30415263748596a7b8c9"
_HERE = f"/api/v1/agents/refund/decisions/{_ID}"

CASE: Final[dict[str, Any]] = {
    "message": "The kettle arrived with a cracked lid, see the photo. I would like my money back.",
    "item": "Kettle, steel",
    "order_value": 49.0,
    "days_since_delivery": 2,
    "receipt_on_file": True,
    "photo_attached": True,
    "earlier_refunds": 0,
}
ANSWER: Final[dict[str, Any]] = {
    "action": "refund",
    "amount": 49.0,
    "message": "We are sorry about the cracked lid. Your 49.00 EUR are on their way back; there is no need to return it.",
}
DECIDE: Final[dict[str, Any]] = {
    "input": CASE,
    "case_ref": "RF-2001",
    "proposal": {
        "output": ANSWER,
        "confidence": 0.94,
        "model": "refund-assistant-3",
        "prompt_id": "refund/7",
        "tool_calls": [{"name": "look_at_photo", "result": "lid cracked along the hinge"}],
    },
}
_DECIDED: Final[dict[str, Any]] = {
    "id": _ID,
    "agent": "refund",
    "status": "auto",
    "output": ANSWER,
    "confidence": 0.94,
    "score": None,
    "reasons": [],
    "explanation": None,
    "policy": {"version": 3, "digest": _DIGEST},
    "contract": {"version": 1},
    "arm": "stable",
    "case_ref": "RF-2001",
    "decided_at": _AT,
    "links": {
        "self": f"http://127.0.0.1:8000{_HERE}",
        "wait": f"http://127.0.0.1:8001/live/v1{_HERE[7:]}/resolution",
        "events": f"http://127.0.0.1:8001/live/v1{_HERE[7:]}/events",
    },
}

REQUEST = OpenApiExample(
    "A language model proposes a refund",
    DECIDE,
    request_only=True,
    description="The agent sends its own answer; the live policy judges whether it may go out.",
)
DECISION = OpenApiExample("The proposal goes out", _DECIDED, response_only=True, status_codes=["201", "200"])
WAITS = OpenApiExample(
    "A person has to look",
    {
        **_DECIDED,
        "status": "review",
        "confidence": 0.61,
        "reasons": [{"code": "R-001", "text": "Refunds above 200.00 are seen by a person."}],
    },
    response_only=True,
    status_codes=["201"],
)
TRIAL = OpenApiExample("What would the live policy answer?", {"cases": [DECIDE]}, request_only=True)
RESOLUTION = OpenApiExample(
    "A reviewer corrected the amount",
    {
        "decision": _ID,
        "agent": "refund",
        "case_ref": "",
        "contract": {"version": 1},
        "output": {**ANSWER, "action": "partial_refund", "amount": 15.0},
        "source": "review",
        "resolved_at": "2026-03-02T09:31:40.002Z",
    },
    response_only=True,
)
