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


class DraftInput(Strict):
    """A draft to keep."""

    token = serializers.IntegerField(required=False, allow_null=True, default=None)
    body = serializers.DictField()


class CorrectionInput(Strict):
    """A judgement. `output` is read for the verdict "correct"; `evidence` are JSON pointers into the input."""

    token = serializers.IntegerField()
    verdict = serializers.CharField(max_length=20, help_text="agree, correct, cannot_tell or escalate")
    output = serializers.DictField(required=False, allow_null=True, default=None)
    reason_code = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    justification = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    evidence = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, max_length=50, default=list
    )
    confidence = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="1 to 5")
    time_spent_ms = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2_000_000_000)


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
