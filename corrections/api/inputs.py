"""What the review API accepts; anything else is a 422 that names the field."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from reviewapp.core.web.inputs import Strict


class TokenInput(Strict):
    """The fencing token of a lease."""

    token = serializers.IntegerField()


class ReleaseInput(Strict):
    """The fencing token of a lease, and why it is given back."""

    token = serializers.IntegerField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class HandOverInput(Strict):
    """The fencing token of a lease, the user name of who gets the task, and a note to them."""

    token = serializers.IntegerField()
    to = serializers.CharField(max_length=150)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class DraftInput(Strict):
    """A draft to keep."""

    token = serializers.IntegerField(required=False, allow_null=True, default=None)
    body = serializers.DictField()


# How long the parts of a correction may be.
_VERDICT, _REASON, _WORDS, _POINTER, _MOST, _LONGEST_MS = 20, 60, 10_000, 300, 50, 2_000_000_000


class CorrectionInput(Strict):
    """A judgement. `output` is read for the verdict "correct"; `evidence` are JSON pointers into the input."""

    token = serializers.IntegerField()
    verdict = serializers.CharField(max_length=_VERDICT, help_text="agree, correct, cannot_tell or escalate")
    output = serializers.DictField(required=False, allow_null=True, default=None)
    reason_code = serializers.CharField(required=False, allow_blank=True, default="", max_length=_REASON)
    justification = serializers.CharField(required=False, allow_blank=True, default="", max_length=_WORDS)
    evidence = serializers.ListField(
        child=serializers.CharField(max_length=_POINTER), required=False, max_length=_MOST, default=list
    )
    confidence = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="1 to 5")
    time_spent_ms = serializers.IntegerField(required=False, default=0, min_value=0, max_value=_LONGEST_MS)
    contract_version = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The version that the output was entered for; 409 when the decision was made under another one.",
    )
    attachments = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=10,
        help_text="Files that you gave for this task.",
    )


class FirstJudgementInput(Strict):
    """What a reviewer thinks of a blind case before they see the answer."""

    token = serializers.IntegerField()
    output = serializers.DictField(allow_null=True, help_text="By the contract's output schema; null: you cannot tell.")
    justification = serializers.CharField(required=False, allow_blank=True, default="", max_length=_WORDS)
    confidence = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="1 to 5")
    contract_version = serializers.IntegerField(required=False, allow_null=True, default=None)


class FileInput(Strict):
    """A file to go with a judgement."""

    file = serializers.FileField(
        max_length=300, help_text="Told by its content: PDF, PNG, JPEG, Word, Excel, JSON, CSV or text."
    )


_UNSAID: dict[str, Any] = {
    "verdict": "",
    "output": None,
    "reason_code": "",
    "justification": "",
    "confidence": None,
    "time_spent_ms": 0,
    "contract_version": None,
}
_MEMBERS = frozenset({"token", "evidence", *_UNSAID})


def correction(body: Any) -> dict[str, Any] | None:
    """Return what `CorrectionInput` makes of a body whose every member has its plain type; None for any other one.

    A tenth of the serializer's cost. Whatever could be refused, or be read in another way, is the serializer's.
    """
    if not isinstance(body, dict) or not _MEMBERS.issuperset(body) or type(body.get("token")) is not int:
        return None
    read = {**_UNSAID, **body, "evidence": body.get("evidence", [])}
    texts = [read["verdict"], read["reason_code"], read["justification"]]
    evidence = read["evidence"]
    if (
        not isinstance(evidence, list)
        or len(evidence) > _MOST
        or not all(isinstance(one, str) for one in texts + evidence)
    ):
        return None
    read["verdict"], read["reason_code"], read["justification"] = (one.strip() for one in texts)
    read["evidence"] = [one.strip() for one in evidence]
    fits = (
        0 <= read["token"] < 2**63
        and 0 < len(read["verdict"]) <= _VERDICT
        and len(read["reason_code"]) <= _REASON
        and len(read["justification"]) <= _WORDS
        and all(0 < len(one) <= _POINTER for one in read["evidence"])
        and (read["output"] is None or isinstance(read["output"], dict))
        and (read["confidence"] is None or type(read["confidence"]) is int)
        and (read["contract_version"] is None or type(read["contract_version"]) is int)
        and type(read["time_spent_ms"]) is int
        and 0 <= read["time_spent_ms"] <= _LONGEST_MS
    )
    return read if fits else None


class EscalationInput(Strict):
    """A second person's word on an escalation."""

    verdict = serializers.CharField(max_length=20, help_text="approved, rejected or returned")
    rationale = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


class EscalationQuery(serializers.Serializer[dict[str, Any]]):
    """Which escalations are asked for."""

    agent = serializers.SlugField(required=False, default="", allow_blank=True)
    state = serializers.ChoiceField(choices=["pending", "decided"], required=False, default="pending")
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=500)


class PageQuery(serializers.Serializer[dict[str, Any]]):
    """Which page of a list is asked for: `after` is the cursor that came with the page before."""

    after = serializers.CharField(required=False, default="", allow_blank=True)
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=200)


class QueueQuery(serializers.Serializer[dict[str, Any]]):
    """Which queues are asked for."""

    agent = serializers.SlugField(required=False, default="", allow_blank=True)


def body(kind: type[serializers.Serializer[dict[str, Any]]], request: Request) -> dict[str, Any]:
    """Return the request's body as `kind` describes it. Raises DRF's `ValidationError` naming the fields."""
    return _read(kind(data=request.data))


def query(kind: type[serializers.Serializer[dict[str, Any]]], request: Request) -> dict[str, Any]:
    """Return the request's query as `kind` describes it. Raises DRF's `ValidationError` naming the parameters."""
    return _read(kind(data=request.query_params))


def _read(form: serializers.Serializer[dict[str, Any]]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)
