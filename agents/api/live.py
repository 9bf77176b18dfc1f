"""The live process's addresses in the API's description: they are plain views, which the generator does not see."""

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import HttpResponseBase
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.views import APIView

from agents.api import examples, outputs
from reviewapp.core.accounts.api_auth import KeyAuthentication
from reviewapp.core.web import openapi

Endpoint = tuple[str, str, str, Any]


class LiveSchema(openapi.OperationSchema):
    """The live process has an address of its own."""

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        """Return the operation with the server that answers it."""
        found: dict[str, Any] | None = super().get_operation(*args)
        return found and {**found, "servers": [{"url": settings.LIVE_ORIGIN, "description": "The live process"}]}


class Waiting(APIView):
    """What may be waited for. Keys only: the live process knows no sessions on plain HTTP."""

    authentication_classes: list[type[BaseAuthentication]] = [KeyAuthentication]
    schema: AutoSchema = LiveSchema()


class Resolution(Waiting):
    """The long poll."""

    @extend_schema(
        operation_id="decisions_resolution",
        parameters=[
            OpenApiParameter(
                "wait", float, description="Seconds to wait, 0 or more; the server's own limit caps it.", default=25
            )
        ],
        responses={
            200: OpenApiResponse(outputs.WaitedOutput, "The resolution.", [examples.RESOLUTION]),
            204: OpenApiResponse(None, "There is none yet: ask again."),
            **openapi.problems(503),
        },
    )
    def get(self, request: Request, agent: str, decision_id: UUID) -> HttpResponseBase:
        """Wait for what a flagged decision comes to. Ask again after a 204; `links.wait` of a decision is this address."""
        from agents.api import wait  # noqa: PLC0415 - the waiting needs an event loop, its description does not

        answer: HttpResponseBase = async_to_sync(wait.resolution)(request._request, agent, decision_id)  # noqa: SLF001 - the plain view takes Django's request
        return answer


_LAST = OpenApiParameter(
    "Last-Event-ID",
    UUID,
    OpenApiParameter.HEADER,
    description="Go on after this event; an EventSource sends it itself.",
)
_STREAM = OpenApiResponse(
    OpenApiTypes.STR, "Events `decision.resolved`; their data is the body that the long poll answers."
)


class AgentEvents(Waiting):
    """The stream of an agent."""

    @extend_schema(
        operation_id="agents_events",
        parameters=[_LAST],
        responses={(200, "text/event-stream"): _STREAM, **openapi.problems(422, 503)},
    )
    def get(self, request: Request, agent: str) -> HttpResponseBase:
        """Follow the answers to an agent's decisions as server-sent events. At least once: the event's id tells repeats."""
        from agents.api import stream  # noqa: PLC0415 - as above

        answer: HttpResponseBase = async_to_sync(stream.of_agent)(request._request, agent)  # noqa: SLF001 - the plain view takes Django's request
        return answer


class DecisionEvents(Waiting):
    """The stream of one decision."""

    @extend_schema(
        operation_id="decisions_events",
        parameters=[_LAST],
        responses={
            (200, "text/event-stream"): _STREAM,
            204: OpenApiResponse(None, "The client has the answer already: it need not come back."),
            **openapi.problems(422, 503),
        },
    )
    def get(self, request: Request, agent: str, decision_id: UUID) -> HttpResponseBase:
        """Wait for a decision's answer by server-sent events. The stream ends with it; `links.events` is this address."""
        from agents.api import stream  # noqa: PLC0415 - as above

        answer: HttpResponseBase = async_to_sync(stream.of_decision)(request._request, agent, decision_id)  # noqa: SLF001 - the plain view takes Django's request
        return answer


ADDRESSES = {
    "/live/v1/agents/{agent}/decisions/{decision_id}/resolution": ("GET", Resolution),
    "/live/v1/agents/{agent}/decisions/{decision_id}/events": ("GET", DecisionEvents),
    "/live/v1/agents/{agent}/events": ("GET", AgentEvents),
}


def endpoints(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Return the endpoints with the live process's added: the generator's preprocessing hook."""
    added = [(path, _regex(path), method, view.as_view()) for path, (method, view) in ADDRESSES.items()]
    return [*endpoints, *added]


def _regex(path: str) -> str:
    return path.replace("{agent}", "<slug:agent>").replace("{decision_id}", "<uuid:decision_id>")
