"""What every API body has in common."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class Strict(serializers.Serializer[dict[str, Any]]):
    """Refuses fields it does not know, also inside a list: a misspelt one must not be dropped in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the attributes, or name what is wrong with them; the fields that are not known once all others are right."""
        attrs = super().to_internal_value(data)
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), "There is no such field."))
        return attrs
