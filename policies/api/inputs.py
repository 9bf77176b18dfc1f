"""What the API accepts; anything else is a 422 that names the field."""

from typing import Any

from rest_framework import serializers


class Strict(serializers.Serializer[dict[str, Any]]):
    """Refuses fields it does not know: a misspelt one must not be dropped in silence."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the attributes, or name the fields that are not known."""
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), "There is no such field."))
        return attrs


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
