"""What the API accepts, for its schema; the contract itself says what `input` is."""

from typing import Any

from rest_framework import serializers


class ProposalInput(serializers.Serializer[dict[str, Any]]):
    """What an agent proposes."""

    output = serializers.DictField()
    confidence = serializers.FloatField(min_value=0, max_value=1, required=False)
    model = serializers.CharField(required=False)
    prompt_id = serializers.CharField(required=False)
    tool_calls = serializers.ListField(child=serializers.DictField(), required=False)


class RecordInput(ProposalInput):
    """What an agent did already, and when."""

    decided_at = serializers.DateTimeField()


class DecisionInput(serializers.Serializer[dict[str, Any]]):
    """A case to decide, a `proposal` to judge first, or a `record` of what was done, to be judged for review.

    `unit` keeps one person or account on one side of a roll-out.
    """

    input = serializers.DictField()
    case_ref = serializers.CharField(max_length=200, required=False)
    unit = serializers.CharField(max_length=200, required=False)
    proposal = ProposalInput(required=False)
    record = RecordInput(required=False)


class BatchLineInput(DecisionInput):
    """One line of a batch."""

    idempotency_key = serializers.CharField(max_length=200, required=False)


class TrialInput(serializers.Serializer[dict[str, Any]]):
    """Cases to try: either `inputs`, or `cases` with proposals."""

    inputs = serializers.ListField(child=serializers.DictField(), required=False)
    cases = DecisionInput(many=True, required=False)


class ListQuery(serializers.Serializer[dict[str, Any]]):
    """How a list of decisions is asked for."""

    status = serializers.ChoiceField(choices=["", "auto", "review", "escalate"], default="")
    after = serializers.UUIDField(default=None, allow_null=True)
