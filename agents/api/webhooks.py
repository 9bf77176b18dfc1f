"""An agent's webhooks over HTTP, for people who develop or operate it. Each operation makes one call into the domain."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api import webhook_shapes as shapes
from agents.api.views import Operation
from agents.selectors import visible
from agents.selectors import webhooks as reads
from agents.selectors.webhooks import DeliveryRow, EndpointRow
from agents.services import webhooks
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import NotAllowed

_PAGE = [
    OpenApiParameter(
        "state", OpenApiTypes.STR, enum=["pending", "delivered", "dead"], description="All when left out."
    ),
    OpenApiParameter("after", OpenApiTypes.UUID, description="The member `after` of the page before."),
    OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 200, 100 when left out."),
]


class Webhooks(Operation):
    """The addresses that get an agent's answers."""

    @extend_schema(operation_id="webhooks_list", responses=shapes.WebhookListOutput)
    def get(self, request: Request, agent: str) -> Response:
        """Return an agent's addresses, and how its messages to each fare."""
        rows = reads.endpoints(_person(request, agent), agent, now=clock.now())
        return Response({"webhooks": [_row(row) for row in rows]})

    @extend_schema(
        operation_id="webhooks_add", request=shapes.WebhookInput, responses={201: shapes.WebhookSecretOutput}
    )
    def post(self, request: Request, agent: str) -> Response:
        """Send an agent's answers to an address from now on. The secret is in this answer only."""
        by = _person(request, agent)
        given = _given(shapes.WebhookInput, request.data)
        made, secret = webhooks.add(agent_id=visible.agent(by, agent).pk, by=by, **given)
        return Response(_told(by, agent, made.pk, secret), status=status.HTTP_201_CREATED)


class WebhookDetail(Operation):
    """One address."""

    @extend_schema(operation_id="webhooks_retrieve", responses=shapes.WebhookOutput)
    def get(self, request: Request, agent: str, webhook_id: UUID) -> Response:
        """Return an address, and how messages to it fare."""
        return Response(_row(_endpoint(_person(request, agent), agent, webhook_id)))

    @extend_schema(operation_id="webhooks_remove", request=None, responses={204: None})
    def delete(self, request: Request, agent: str, webhook_id: UUID) -> Response:
        """Send nothing to it any more and forget its secret. What waited is given up, what was sent stays on record."""
        by = _person(request, agent)
        webhooks.remove(endpoint_id=_endpoint(by, agent, webhook_id).id, by=by)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookRotate(Operation):
    """A new secret."""

    @extend_schema(operation_id="webhooks_rotate", request=None, responses=shapes.WebhookSecretOutput)
    def post(self, request: Request, agent: str, webhook_id: UUID) -> Response:
        """Give an address a new secret, told in this answer only. Until `rotating_until` both secrets sign."""
        by = _person(request, agent)
        secret = webhooks.rotate(endpoint_id=_endpoint(by, agent, webhook_id).id, by=by)
        return Response(_told(by, agent, webhook_id, secret))


class WebhookPause(Operation):
    """Holding messages back."""

    @extend_schema(operation_id="webhooks_pause", request=None, responses=shapes.WebhookOutput)
    def post(self, request: Request, agent: str, webhook_id: UUID) -> Response:
        """Send nothing for now: answers wait."""
        by = _person(request, agent)
        webhooks.pause(endpoint_id=_endpoint(by, agent, webhook_id).id, by=by)
        return Response(_row(_endpoint(by, agent, webhook_id)))


class WebhookResume(Operation):
    """Sending again."""

    @extend_schema(operation_id="webhooks_resume", request=None, responses=shapes.WebhookOutput)
    def post(self, request: Request, agent: str, webhook_id: UUID) -> Response:
        """Send again, what waited first; also after the address was switched off because it failed for days."""
        by = _person(request, agent)
        webhooks.resume(endpoint_id=_endpoint(by, agent, webhook_id).id, by=by)
        return Response(_row(_endpoint(by, agent, webhook_id)))


class WebhookTest(Operation):
    """Trying an address."""

    @extend_schema(operation_id="webhooks_test", request=None, responses={202: shapes.MessageOutput})
    def post(self, request: Request, agent: str, webhook_id: UUID) -> Response:
        """Send a message that says nothing, signed like any other; ask for the message to see what became of it."""
        by = _person(request, agent)
        made = webhooks.test(endpoint_id=_endpoint(by, agent, webhook_id).id, by=by)
        return Response(_message(reads.message(by, agent, made.pk)), status=status.HTTP_202_ACCEPTED)


class Messages(Operation):
    """What was sent, waits, or was given up."""

    @extend_schema(operation_id="webhook_messages_list", responses=shapes.MessagePageOutput, parameters=_PAGE)
    def get(self, request: Request, agent: str) -> Response:
        """Return a page of an agent's messages, newest first; `state=dead` are those that were given up."""
        by = _person(request, agent)
        given = _given(shapes.MessageQuery, request.query_params)
        state, after = given.get("state", ""), given.get("after")
        found = reads.messages(by, agent, state=state, after=after, size=given["limit"])
        return Response({"messages": [_message(row) for row in found.rows], "after": found.after})


class MessagesReplay(Operation):
    """Sending everything again."""

    @extend_schema(operation_id="webhook_messages_replay_all", request=None, responses=shapes.ReplayedOutput)
    def post(self, request: Request, agent: str) -> Response:
        """Send everything again that was given up. Messages keep their ids, so receivers recognise repeats."""
        by = _person(request, agent)
        return Response({"replayed": webhooks.replay_all(agent_id=visible.agent(by, agent).pk, by=by)})


class MessageDetail(Operation):
    """One message."""

    @extend_schema(operation_id="webhook_messages_retrieve", responses=shapes.MessageOutput)
    def get(self, request: Request, agent: str, delivery_id: UUID) -> Response:
        """Return how far a message has come."""
        return Response(_message(reads.message(_person(request, agent), agent, delivery_id)))


class MessageReplay(Operation):
    """Sending one again."""

    @extend_schema(operation_id="webhook_messages_replay", request=None, responses=shapes.MessageOutput)
    def post(self, request: Request, agent: str, delivery_id: UUID) -> Response:
        """Send a message again that was given up or delivered, with the same id; one that still waits is left alone."""
        by = _person(request, agent)
        webhooks.replay(delivery_id=reads.message(by, agent, delivery_id).id, by=by)
        return Response(_message(reads.message(by, agent, delivery_id)))


def _person(request: Request, slug: str) -> User:
    visible.agent(request.user, slug)
    if not isinstance(request.user, User):
        raise NotAllowed("A person must do this: use a personal key.", code="person_needed")
    return request.user


def _endpoint(by: User, slug: str, endpoint_id: UUID) -> EndpointRow:
    return reads.endpoint(by, slug, endpoint_id, now=clock.now())


def _given(shape: type[shapes.Shape], data: Any) -> dict[str, Any]:
    form: serializers.Serializer[dict[str, Any]] = shape(data=data)
    form.is_valid(raise_exception=True)
    found: dict[str, Any] = form.validated_data
    return found


def _told(by: User, slug: str, endpoint_id: UUID, secret: str) -> dict[str, Any]:
    return {**_row(_endpoint(by, slug, endpoint_id)), "secret": secret}


def _row(row: EndpointRow) -> dict[str, Any]:
    found = asdict(row)
    del found["state_label"]
    return found


def _message(row: DeliveryRow) -> dict[str, Any]:
    waits = row.state == "pending"
    return {
        "id": row.id,
        "webhook_id": row.webhook_id,
        "endpoint": row.endpoint_id,
        "decision": row.decision_id,
        "url": row.url,
        "type": f"countersign.{row.type}",
        "state": row.state,
        "attempts": row.attempts,
        "status": row.status,
        "reply": row.reply,
        "created_at": row.created_at,
        "next_attempt_at": row.next_attempt_at if waits else None,
        "closed_at": row.closed_at,
    }
