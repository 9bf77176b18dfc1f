"""What every API body has in common."""

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
