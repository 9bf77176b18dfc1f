"""The live process's addresses in the API's description: they are plain views, which the generator does not see."""

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import HttpResponseBase
from drf_spectacular.openapi import AutoSchema
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


ADDRESSES = {"/live/v1/agents/{agent}/decisions/{decision_id}/resolution": ("GET", Resolution)}


def endpoints(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Return the endpoints with the live process's added: the generator's preprocessing hook."""
    added = [(path, _regex(path), method, view.as_view()) for path, (method, view) in ADDRESSES.items()]
    return [*endpoints, *added]


def _regex(path: str) -> str:
    return path.replace("{agent}", "<slug:agent>").replace("{decision_id}", "<uuid:decision_id>")
