"""What the API of the plane answers, for its schema."""

from typing import Any

from rest_framework import serializers

Shape = serializers.Serializer[dict[str, Any]]
BP = "Basis points: 10,000 is all traffic."


class NumberedOutput(Shape):
    """A version by id and number."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()


class BuildOutput(Shape):
    """A build and what came of it."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    reason = serializers.CharField()
    progress = serializers.CharField()
    error = serializers.CharField(allow_null=True)
    requested_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    version = NumberedOutput(allow_null=True)


class ServingOutput(Shape):
    """A version with a share of the traffic."""

    version = serializers.UUIDField()
    number = serializers.IntegerField()
    share_bp = serializers.IntegerField(help_text=BP)
    role = serializers.ChoiceField(choices=["stable", "canary"])


class VersionRowOutput(Shape):
    """A version in a list."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    tone = serializers.CharField()
    summary = serializers.CharField()
    learned_from = serializers.IntegerField()
    gates_passed = serializers.IntegerField()
    gates_total = serializers.IntegerField()
    verdict = serializers.CharField()
    verdict_label = serializers.CharField()
    approval = serializers.CharField()
    digest = serializers.CharField()
    created_at = serializers.DateTimeField()
    share_bp = serializers.IntegerField(help_text=BP)


class VersionsOutput(Shape):
    """Who serves now and every version, newest first."""

    serving = ServingOutput(many=True)
    new_consensus = serializers.IntegerField(help_text="Cases settled since the newest version learned.")
    versions = VersionRowOutput(many=True)


class SnapshotOutput(Shape):
    """What a version was learned from."""

    id = serializers.UUIDField()
    digest = serializers.CharField()
    rows = serializers.IntegerField()
    cutoff = serializers.DateTimeField()


class StageOutput(Shape):
    """A stage of a rollout plan."""

    share_bp = serializers.IntegerField(help_text=BP)
    min_decisions = serializers.IntegerField()
    min_minutes = serializers.IntegerField()


class GateOutput(Shape):
    """A gate: a measure with its interval, the limit it is held against, and the verdict in words."""

    code = serializers.CharField()
    title = serializers.CharField()
    verdict = serializers.CharField()
    verdict_label = serializers.CharField()
    tone = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()
    limit = serializers.FloatField()
    limit_words = serializers.CharField()
    baseline = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    text = serializers.CharField()
    axis_low = serializers.FloatField()
    axis_high = serializers.FloatField()


class MeasureOutput(Shape):
    """A value with its 95 % interval and the number of cases behind it."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()


class ComparedOutput(Shape):
    """The same measure for this version and for the one it would replace."""

    now = MeasureOutput()
    before = MeasureOutput(allow_null=True)


class MeasuresOutput(Shape):
    """The measures of an evaluation."""

    error = ComparedOutput()
    automated = ComparedOutput()
    automated_error = ComparedOutput()
    people_agree = ComparedOutput()


class EvaluationOutput(Shape):
    """An evaluation on cases that no version learned from."""

    id = serializers.UUIDField()
    verdict = serializers.CharField()
    headline = serializers.CharField()
    detail = serializers.CharField()
    cases = serializers.IntegerField()
    baseline = serializers.IntegerField(allow_null=True)
    evaluated_at = serializers.DateTimeField()
    gates = GateOutput(many=True)
    measures = MeasuresOutput()
    changed = serializers.IntegerField()
    mended = serializers.IntegerField()
    broken = serializers.IntegerField()


class ApprovalOutput(Shape):
    """A request for the second signature, and what became of it."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["pending", "approved", "rejected", "returned", "withdrawn"])
    state_label = serializers.CharField()
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    decided_by = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    rationale = serializers.CharField()
    binding = serializers.CharField()


class ReleaseRefOutput(Shape):
    """A version's release in short."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    share_bp = serializers.IntegerField(help_text=BP)


class ActionOutput(Shape):
    """What may be done now; `why_not` says what forbids it."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the answer's own word
    allowed = serializers.BooleanField()
    why_not = serializers.CharField()


class VersionOutput(Shape):
    """A version with its notes, gates, approval and release."""

    id = serializers.UUIDField()
    agent = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    digest = serializers.CharField()
    created_at = serializers.DateTimeField()
    built_by = serializers.CharField()
    parent = NumberedOutput(allow_null=True)
    summary = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    counts = serializers.DictField(child=serializers.IntegerField())
    flips = serializers.DictField(child=serializers.IntegerField())
    snapshot = SnapshotOutput(allow_null=True)
    plan = StageOutput(many=True)
    evaluation = EvaluationOutput(allow_null=True)
    approval = ApprovalOutput(allow_null=True)
    release = ReleaseRefOutput(allow_null=True)
    actions = ActionOutput(many=True)


class ReleaseOutput(Shape):
    """A release."""

    id = serializers.UUIDField()
    version_id = serializers.UUIDField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    kind = serializers.CharField()
    kind_label = serializers.CharField()
    stage = serializers.IntegerField()
    share_bp = serializers.IntegerField(help_text=BP)
    started_at = serializers.DateTimeField()
    started_by = serializers.CharField()
    stage_started_at = serializers.DateTimeField()
    live_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class StageRowOutput(StageOutput):
    """A stage with its place: done, now or open."""

    index = serializers.IntegerField()
    percent = serializers.CharField()
    state = serializers.CharField()
    text = serializers.CharField()


class PointOutput(Shape):
    """A guard's value and band at one moment."""

    at = serializers.DateTimeField()
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class GuardOutput(Shape):
    """A guard of a running rollout: its latest verdict and the way there."""

    code = serializers.CharField()
    title = serializers.CharField()
    verdict = serializers.CharField()
    verdict_label = serializers.CharField()
    tone = serializers.CharField()
    text = serializers.CharField()
    limit = serializers.FloatField()
    n = serializers.IntegerField()
    series = PointOutput(many=True)


class FigureSpanOutput(Shape):
    """A mean in the figure's unit with its 95 % interval; an end is null where too few cases tell it."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()


class FigureArmOutput(FigureSpanOutput):
    """What the cases of one arm, "stable" or "canary", came to under one version."""

    version = serializers.IntegerField()
    arm = serializers.CharField()


class FigureRowOutput(Shape):
    """A business figure of the contract. The difference is the version's mean less the baseline's."""

    name = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    direction = serializers.ChoiceField(choices=["up", "down"])
    arms = FigureArmOutput(many=True)
    difference = FigureSpanOutput(allow_null=True)
    verdict = serializers.ChoiceField(choices=["better", "worse", "open"])


class FiguresOutput(Shape):
    """What became of the cases of a version and of the version it replaces, since the release began."""

    version = serializers.IntegerField()
    baseline = serializers.IntegerField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    rows = FigureRowOutput(many=True)


class RolloutOutput(Shape):
    """Where a version's rollout stands, and what the stage waits for."""

    release = ReleaseOutput(allow_null=True)
    stages = StageRowOutput(many=True)
    waiting = serializers.CharField()
    verdict = serializers.CharField()
    decisions_in_stage = serializers.IntegerField()
    guards = GuardOutput(many=True)
    figures = FiguresOutput(allow_null=True)
