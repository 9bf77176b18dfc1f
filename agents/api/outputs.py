"""What the API answers, for its schema."""

from typing import Any

from rest_framework import serializers

Shape = serializers.Serializer[dict[str, Any]]


class VersionRef(Shape):
    """A contract's version."""

    version = serializers.IntegerField()


class PolicyRef(Shape):
    """A sealed policy."""

    version = serializers.IntegerField()
    digest = serializers.CharField()


class SlotOutput(Shape):
    """What an agent's traffic gets."""

    serial = serializers.IntegerField()
    live_version = serializers.IntegerField(allow_null=True)
    canary_version = serializers.IntegerField(allow_null=True)
    canary_share_bp = serializers.IntegerField()


class AgentOutput(Shape):
    """An agent in a list."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    mode = serializers.ChoiceField(choices=["decide", "propose"])
    contract = VersionRef(allow_null=True)
    slot = SlotOutput()


class ContractOutput(Shape):
    """A published contract."""

    version = serializers.IntegerField()
    digest = serializers.CharField()
    published_at = serializers.DateTimeField()
    body = serializers.DictField()


class SlotDetailOutput(SlotOutput):
    """What an agent's traffic gets, by digest."""

    live_digest = serializers.CharField(allow_null=True)
    canary_digest = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField()


class AgentDetailOutput(Shape):
    """An agent with its contract."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    mode = serializers.ChoiceField(choices=["decide", "propose"])
    contract = ContractOutput(allow_null=True)
    slot = SlotDetailOutput(allow_null=True)


class ReasonOutput(Shape):
    """Why the status is what it is."""

    code = serializers.CharField()
    text = serializers.CharField()


class ContributionOutput(Shape):
    """What one field added to the score."""

    field = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # the answer's own word
    points = serializers.FloatField()


class ExplanationOutput(Shape):
    """Intercept and contributions add up to `score` (log-odds); `probability` is what that score stands for."""

    kind = serializers.ChoiceField(choices=["scorecard", "none"])
    intercept = serializers.FloatField()
    contributions = ContributionOutput(many=True)
    score = serializers.FloatField()
    probability = serializers.FloatField(allow_null=True)
    positive = serializers.CharField(required=False)
    threshold = serializers.FloatField(required=False)


class LinksOutput(Shape):
    """Where to read on, and where to wait for the resolution."""

    self = serializers.URLField()
    wait = serializers.URLField()
    events = serializers.URLField()


class DecisionOutput(Shape):
    """A decision. `score` is the probability of the positive class."""

    id = serializers.UUIDField()
    agent = serializers.CharField()
    mode = serializers.ChoiceField(choices=["decide", "propose", "record"])
    status = serializers.ChoiceField(choices=["auto", "review", "escalate"])
    output = serializers.DictField(allow_null=True)
    confidence = serializers.FloatField()
    score = serializers.FloatField(allow_null=True)
    reasons = ReasonOutput(many=True)
    explanation = ExplanationOutput(allow_null=True)
    policy = PolicyRef(allow_null=True)
    contract = VersionRef()
    arm = serializers.ChoiceField(choices=["stable", "canary", "fallback"])
    case_ref = serializers.CharField()
    decided_at = serializers.DateTimeField()
    links = LinksOutput()


class BatchLineOutput(Shape):
    """The result of one line: `status` is what the line alone would have been answered with."""

    line = serializers.IntegerField()
    status = serializers.IntegerField()
    decision = DecisionOutput(required=False)
    problem = serializers.DictField(required=False)


class ResolutionOutput(Shape):
    """What a decision came to. The output is null only when the contract's terms spoke and declare none."""

    output = serializers.DictField(allow_null=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # the answer's own word
        choices=["auto", "review", "escalation", "adjudication", "contract"]
    )
    resolved_at = serializers.DateTimeField()


class WaitedOutput(ResolutionOutput):
    """What was waited for: the same members on every channel."""

    decision = serializers.UUIDField()
    agent = serializers.CharField()
    case_ref = serializers.CharField(allow_blank=True)
    contract = VersionRef()


class AmendmentOutput(Shape):
    """What people said after they had answered; `output` is null while nothing stands in the answer's place."""

    number = serializers.IntegerField()
    output = serializers.DictField(allow_null=True)
    cause = serializers.ChoiceField(choices=["recalled", "quarantined", "settled"])
    told_at = serializers.DateTimeField()


class ResolvedDecisionOutput(DecisionOutput):
    """A decision and what it came to."""

    resolution = ResolutionOutput(allow_null=True)
    amendments = AmendmentOutput(many=True)


class DecisionRowOutput(Shape):
    """A decision in a list."""

    id = serializers.UUIDField()
    status = serializers.CharField()
    action = serializers.CharField()
    sealed = serializers.BooleanField(help_text="You may judge it, and shall do so without its answer first.")
    confidence = serializers.FloatField(allow_null=True)
    policy_version = serializers.IntegerField(allow_null=True)
    arm = serializers.CharField()
    decided_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    taken_back = serializers.BooleanField(
        help_text="What people settled was recalled, and nothing stands in its place."
    )


class DecisionListOutput(Shape):
    """A page of decisions."""

    decisions = DecisionRowOutput(many=True)
    after = serializers.UUIDField(allow_null=True)


class TrialResultOutput(Shape):
    """What the live policy would answer to one case."""

    output = serializers.DictField(allow_null=True)
    status = serializers.CharField()
    confidence = serializers.FloatField()
    score = serializers.FloatField(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())


class TrialOutput(Shape):
    """What the live policy would answer."""

    agent = serializers.CharField()
    policy = PolicyRef(allow_null=True)
    contract = VersionRef()
    results = TrialResultOutput(many=True)
