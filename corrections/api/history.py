"""Edit history of the judgements of a decision, for programs."""

from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api import people
from corrections.api.outputs import Shape
from corrections.selectors import history
from reviewapp.core import clock


class SaidOutput(Shape):
    """What a version says; `verdict` is empty for a judgement that came before the agent's answer was shown."""

    verdict = serializers.ChoiceField(choices=["", "agree", "correct", "cannot_tell", "escalate"])
    output = serializers.DictField(allow_null=True)
    reason_code = serializers.CharField()
    justification = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    confidence = serializers.IntegerField(allow_null=True)
    files = serializers.IntegerField()


class VersionChangeOutput(Shape):
    """One thing that a version changes, in words."""

    title = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class StepOutput(Shape):
    """One thing that happened to a judgement. A version has `said`, and its changes `against` the agent or the one before."""

    kind = serializers.ChoiceField(
        choices=[
            "judged",
            "submitted",
            "undone",
            "raised",
            "approved",
            "rejected",
            "returned",
            "withdrawn",
            "recalled",
        ]
    )
    correction = serializers.UUIDField(allow_null=True)
    by = serializers.CharField()
    at = serializers.DateTimeField()
    words = serializers.CharField()
    said = SaidOutput(allow_null=True)
    against = serializers.ChoiceField(choices=["", "agent", "before"])
    changes = VersionChangeOutput(many=True)


class ChainOutput(Shape):
    """One person's judgement from its first version on; `recallable` is the version they can still recall."""

    author = serializers.CharField()
    mine = serializers.BooleanField()
    recallable = serializers.UUIDField(allow_null=True)
    steps = StepOutput(many=True)


class HistoryOutput(Shape):
    """The judgements of a decision. `withheld` is true for who may still judge it and sees their own words only."""

    decision_id = serializers.UUIDField()
    withheld = serializers.BooleanField()
    chains = ChainOutput(many=True)


@extend_schema(responses=HistoryOutput, summary="Every version of each judgement of a decision")
@api_view(["GET"])
def of_decision(request: Request, decision_id: UUID) -> Response:
    """Tell what was first judged, submitted, undone, replaced, decided by a second person and recalled, with what changed."""
    found = history.of_decision(decision_id, people.person(request, people.READ), now=clock.now())
    return Response(HistoryOutput(asdict(found)).data)
