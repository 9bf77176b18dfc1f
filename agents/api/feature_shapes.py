"""What the API of features takes and answers, for its schema; the domain itself says what is acceptable."""

from typing import Any

from rest_framework import serializers

Shape = serializers.Serializer[dict[str, Any]]


class FeatureShape(Shape):
    """One feature of a view."""

    name = serializers.CharField()
    type = serializers.ChoiceField(choices=["number", "integer", "string", "boolean"])
    title = serializers.CharField(required=False)
    unit = serializers.CharField(required=False, allow_blank=True)
    owner = serializers.CharField(required=False)
    freshness_seconds = serializers.IntegerField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add the member whose name Python keeps for itself."""
        choices = ["public", "internal", "personal", "sensitive"]
        return {**super().get_fields(), "class": serializers.ChoiceField(choices=choices, required=False)}


class ViewInput(Shape):
    """A feature view of an agent: a new one, or the next version of one that is there."""

    agent = serializers.CharField()
    name = serializers.CharField()
    entity = serializers.CharField()
    title = serializers.CharField(required=False, allow_blank=True)
    owner = serializers.CharField()
    freshness_seconds = serializers.IntegerField(min_value=1)
    features = FeatureShape(many=True)


class ViewRowOutput(Shape):
    """A view in a list, at its newest version."""

    name = serializers.CharField()
    agent = serializers.CharField()
    title = serializers.CharField()
    entity = serializers.CharField()
    version = serializers.IntegerField()
    owner = serializers.CharField()
    freshness_seconds = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["fresh", "stale", "empty"])
    last_arrived_at = serializers.DateTimeField(allow_null=True)
    last_event_time = serializers.DateTimeField(allow_null=True)
    rows_last_day = serializers.IntegerField()


class ChangeOutput(Shape):
    """What a version changed against the one before."""

    breaking = serializers.BooleanField()
    text = serializers.CharField()


class ViewVersionOutput(Shape):
    """A version of a view."""

    version = serializers.IntegerField()
    digest = serializers.CharField()
    published_at = serializers.DateTimeField()
    published_by = serializers.CharField()
    changes = ChangeOutput(many=True)


class ViewOutput(ViewRowOutput):
    """A view with its features and its versions."""

    features = FeatureShape(many=True)
    versions = ViewVersionOutput(many=True)


class RowInput(Shape):
    """What is known of one entity from `event_time` on. Features that are left out are not known."""

    entity = serializers.CharField(max_length=200)
    event_time = serializers.DateTimeField()
    values = serializers.DictField()


class RowsInput(Shape):
    """Rows of a view; `version` is the newest when it is left out."""

    rows = RowInput(many=True)
    version = serializers.IntegerField(required=False, min_value=1)


class ResultOutput(Shape):
    """What became of one row; `fields` says by path what is wrong with a refused one."""

    index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["stored", "repeat", "refused"])
    fields = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]  # the answer's own word


class IngestedOutput(Shape):
    """What became of the rows. `online` is false while Redis is away: decisions see the values later."""

    view = serializers.CharField()
    version = serializers.IntegerField()
    stored = serializers.IntegerField()
    repeated = serializers.IntegerField()
    refused = serializers.IntegerField()
    online = serializers.BooleanField()
    results = ResultOutput(many=True)


class EntityOutput(Shape):
    """What is newest of one entity. `online` says whether decisions see it; null while Redis is away."""

    view = serializers.CharField()
    version = serializers.IntegerField()
    entity = serializers.CharField()
    event_time = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField()
    age_seconds = serializers.FloatField()
    online = serializers.BooleanField(allow_null=True)
    values = serializers.DictField()
    stale = serializers.ListField(child=serializers.CharField())
    hidden = serializers.ListField(child=serializers.CharField())
