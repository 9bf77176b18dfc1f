"""What the API of webhooks takes and answers, for its schema; the domain itself says what is acceptable."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, OpenApiWebhook, extend_schema
from rest_framework import serializers

from agents.api.outputs import AmendmentOutput, VersionRef, WaitedOutput

Shape = serializers.Serializer[dict[str, Any]]
_STATES = ["pending", "delivered", "dead"]


class WebhookInput(Shape):
    """An address that gets an agent's answers."""

    url = serializers.CharField(
        max_length=500, help_text="Begins with https:// and is public. Redirects are not followed."
    )
    description = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)


class WebhookOutput(Shape):
    """An address. `rotating_until`: until then the secret before signs too."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=["active", "paused", "disabled"])
    pending = serializers.IntegerField()
    dead = serializers.IntegerField()
    failing_since = serializers.DateTimeField(allow_null=True)
    rotating_until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()


class WebhookListOutput(Shape):
    """An agent's addresses, oldest first."""

    webhooks = WebhookOutput(many=True)


class WebhookSecretOutput(WebhookOutput):
    """An address with its secret. It is told here and never again."""

    secret = serializers.CharField(
        help_text="`whsec_` and the key in base64, as the libraries of Standard Webhooks take it."
    )


class MessageOutput(Shape):
    """One message. `status` is the receiver's last HTTP status, `reply` the beginning of what it said, or why it said nothing."""

    id = serializers.UUIDField()
    webhook_id = serializers.CharField(help_text="The header of this name: the same at every attempt.")
    endpoint = serializers.UUIDField()
    decision = serializers.UUIDField(allow_null=True)
    url = serializers.CharField()
    type = serializers.CharField()
    state = serializers.ChoiceField(choices=_STATES)
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    reply = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class MessagePageOutput(Shape):
    """Messages, newest first; `after` asks for the next page, null at the end."""

    messages = MessageOutput(many=True)
    after = serializers.UUIDField(allow_null=True)


class MessageQuery(Shape):
    """Which messages."""

    state = serializers.ChoiceField(choices=_STATES, required=False)
    after = serializers.UUIDField(required=False)
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=200)


class ReplayedOutput(Shape):
    """How many messages will be sent again."""

    replayed = serializers.IntegerField()


class CloudEvent(Shape):
    """A CloudEvent 1.0 in structured mode. `id` is that of the event, `subject` the decision's."""

    specversion = serializers.CharField()
    id = serializers.UUIDField()
    type = serializers.CharField()
    subject = serializers.CharField()
    time = serializers.DateTimeField()
    datacontenttype = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """Add the member whose name the framework keeps for itself."""
        return {**super().get_fields(), "source": serializers.URLField()}


class ResolvedEvent(CloudEvent):
    """A flagged decision was answered. `data` is the body that the long poll answers."""

    data = WaitedOutput()  # type: ignore[assignment]  # the standard's own word


class AmendedOutput(WaitedOutput):
    """The answer as it was given, and what people say now."""

    amendment = AmendmentOutput()


class AmendedEvent(CloudEvent):
    """People say something else than they answered: compensate what was done with the answer."""

    data = AmendedOutput()  # type: ignore[assignment]  # the standard's own word


class OverdueOutput(Shape):
    """A decision whose answer is late, and what its contract says to do: `review` is going on waiting."""

    decision = serializers.UUIDField()
    agent = serializers.CharField()
    case_ref = serializers.CharField(allow_blank=True)
    contract = VersionRef()
    due_at = serializers.DateTimeField()
    do = serializers.ChoiceField(choices=["review"])


class OverdueEvent(CloudEvent):
    """A flagged decision has waited beyond its time, and its contract leaves it to people. Its answer follows."""

    data = OverdueOutput()  # type: ignore[assignment]  # the standard's own word


def _webhook(name: str, event: type[CloudEvent], words: str) -> OpenApiWebhook:
    described = extend_schema(
        summary=words,
        description=f"{words}. Signed by the headers webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks.",
        tags=["Agents and decisions"],
        request={"application/cloudevents+json": event},
        responses={"2XX": OpenApiResponse(description="Taken. Anything else is tried again.")},
    )
    return OpenApiWebhook(name=name, decorator=described)


RESOLVED = _webhook("decision.resolved", ResolvedEvent, "A flagged decision was answered")
AMENDED = _webhook("decision.amended", AmendedEvent, "People say something else than they answered")
OVERDUE = _webhook("decision.timed_out", OverdueEvent, "A flagged decision is late and still with people")
