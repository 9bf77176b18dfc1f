"""What the API accepts; anything else is a 422 that names the field."""

from typing import Any

from rest_framework import serializers

from reviewapp.core.web.inputs import Strict


class BuildInput(Strict):
    """Why a version is wanted."""

    reason = serializers.CharField(max_length=200, default="Asked for through the API")


class StageInput(serializers.Serializer[dict[str, Any]]):
    """A stage of a rollout plan."""

    share_bp = serializers.IntegerField(min_value=1, max_value=9999)
    min_decisions = serializers.IntegerField(min_value=0, default=0)
    min_minutes = serializers.IntegerField(min_value=0, default=0)


class PlanInput(Strict):
    """A rollout plan; without one the agent's default is taken."""

    plan = StageInput(many=True, required=False)


class ApprovalInput(Strict):
    """A decision on a submitted version."""

    verdict = serializers.ChoiceField(choices=["approved", "rejected", "returned"])
    rationale = serializers.CharField(max_length=4000, allow_blank=True, default="")


class RationaleInput(Strict):
    """Why something is done."""

    rationale = serializers.CharField(max_length=4000, allow_blank=True, default="")


class RollbackInput(Strict):
    """Why a version goes back, and to which."""

    rationale = serializers.CharField(max_length=4000)
    to_version = serializers.UUIDField(required=False, allow_null=True)
