"""What the API of incidents accepts and answers."""

from typing import Any

from rest_framework import serializers

from reviewapp.core.incidents.selectors import STATES
from reviewapp.core.web.inputs import Strict

Shape = serializers.Serializer[dict[str, Any]]


class ListInput(Strict):
    """Which incidents, and where the page begins."""

    state = serializers.ChoiceField(choices=[value for value, _ in STATES], required=False, default="")
    after = serializers.IntegerField(min_value=1, max_value=2**31, required=False, default=None, allow_null=True)


class TextInput(Strict):
    """What somebody has to say."""

    text = serializers.CharField(max_length=4000)


class DeclareInput(Strict):
    """An incident that somebody saw."""

    agent = serializers.SlugField(max_length=80)
    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=4000, help_text="What was seen.")
    began_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class ActionInput(Strict):
    """What keeps an incident from coming back."""

    what = serializers.CharField(max_length=200)
    owner = serializers.CharField(max_length=150, help_text="User name of somebody who may act on the incident.")
    due = serializers.DateField()


class IncidentActionOutput(Shape):
    """What somebody does until a day."""

    id = serializers.UUIDField()
    what = serializers.CharField()
    owner = serializers.CharField()
    due = serializers.DateField()
    late = serializers.BooleanField()
    finished_at = serializers.DateTimeField(allow_null=True)
    finished_by = serializers.CharField()


class IncidentOutput(Shape):
    """An incident: what went wrong, since when, and who looks after it."""

    number = serializers.IntegerField()
    name = serializers.CharField(help_text="As people say it, such as INC-0042.")
    kind = serializers.CharField()
    title = serializers.CharField()
    agent = serializers.CharField(help_text="The agent's slug, empty for what all agents share.")
    state = serializers.CharField(help_text=f"One of {', '.join(value for value, _ in STATES)}.")
    holds = serializers.BooleanField(help_text="Whether what it is about is still so.")
    lead = serializers.CharField(help_text="Who looks after it, empty while nobody does.")
    began_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)


class IncidentsOutput(Shape):
    """A page of incidents, newest first."""

    incidents = IncidentOutput(many=True)
    after = serializers.IntegerField(allow_null=True, help_text="Ask with it for the next page; null at the end.")


class EntryOutput(Shape):
    """One line of a timeline."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    text = serializers.CharField()
    who = serializers.CharField(help_text="Empty for what the system noticed.")
    at = serializers.DateTimeField()


class TouchedOutput(Shape):
    """Which decisions it touched."""

    number = serializers.IntegerField()
    looked_at = serializers.IntegerField(help_text="Of how many that were looked at.")
    cut = serializers.BooleanField(help_text="Whether there were more than were looked at.")
    newest = serializers.ListField(child=serializers.UUIDField())


class IncidentDetailOutput(IncidentOutput):
    """An incident with its timeline, newest line first, and what it touched."""

    advice = serializers.CharField()
    path = serializers.CharField(help_text="The page where it can be mended.")
    timeline = EntryOutput(many=True)
    actions = IncidentActionOutput(many=True)
    decisions = TouchedOutput(allow_null=True)
