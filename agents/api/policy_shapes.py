"""What the API says of a live policy, for its schema."""

from typing import Any

from rest_framework import serializers

from agents.api.outputs import PolicyRef, Shape


class ContractRefOutput(Shape):
    """The contract in force."""

    version = serializers.IntegerField()
    digest = serializers.CharField()
    title = serializers.CharField()


class RuleOutput(Shape):
    """A rule in words and in CEL: a guardrail or learned exception of the policy, or a review rule of the contract."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=["guardrail", "exception", "contract"])
    title = serializers.CharField()
    text = serializers.CharField()
    when = serializers.CharField()
    action = serializers.ChoiceField(choices=["review", "escalate", "output"])
    output = serializers.DictField(allow_null=True)
    support = serializers.IntegerField(help_text="Settled cases behind a learned exception.")


class ThresholdsOutput(Shape):
    """How far the policy lets answers go out alone."""

    review_below = serializers.FloatField()
    override_at = serializers.FloatField(allow_null=True)
    sample_rate = serializers.FloatField()


class AnswerFormOutput(Shape):
    """What an answer looks like: its actions, and the contract's JSON Schema."""

    action_field = serializers.CharField()
    actions = serializers.ListField(child=serializers.JSONField())
    schema = serializers.DictField()


class GuidanceOutput(Shape):
    """What a language model should know before it answers. `text` is all of it as one text for a prompt."""

    agent = serializers.CharField()
    policy = PolicyRef(allow_null=True)
    contract = ContractRefOutput()
    guidance = serializers.CharField()
    rules = RuleOutput(many=True)
    thresholds = ThresholdsOutput(allow_null=True)
    answer = AnswerFormOutput()
    exemplars = serializers.IntegerField(help_text="How many the policy carries.")
    text = serializers.CharField()


class ExemplarOutput(Shape):
    """A settled case, sealed in the policy. `reading` says what people made of it."""

    source = serializers.CharField()  # type: ignore[assignment]  # the answer's own word
    similarity = serializers.FloatField(allow_null=True)
    input = serializers.DictField()
    output = serializers.DictField()
    reading = serializers.CharField()


class ExemplarsOutput(Shape):
    """The exemplars most like the case, most alike first."""

    agent = serializers.CharField()
    policy = PolicyRef(allow_null=True)
    exemplars = ExemplarOutput(many=True)


class ExemplarQuery(serializers.Serializer[dict[str, Any]]):
    """Which exemplars are asked for."""

    limit = serializers.IntegerField(required=False, default=5, min_value=1, max_value=50)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, with `for`, which is no name in Python."""
        told = "Plain text, an object with fields of the input, or a pointer with its value: /item=kettle."
        asked = serializers.CharField(required=False, default="", allow_blank=True, max_length=8000, help_text=told)
        return {"for": asked, **super().get_fields()}
