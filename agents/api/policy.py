"""The live policy for language-model agents: guidance, rules in words, exemplars. Read often, so it answers 304."""

from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api import policy_shapes as shapes
from agents.api.views import Operation
from agents.runtime import exemplars
from agents.selectors import visible
from agents.serving import deciding, guidance
from reviewapp.core.errors import Invalid

_ETAG = OpenApiParameter(
    "ETag", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200, 304], description="Changes when the answer does."
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The tag of the answer you have."
)
_UNCHANGED = OpenApiResponse(None, "What you have is still true.")


class Policy(Operation):
    """What the agent's live policy asks of it."""

    @extend_schema(
        operation_id="policy_retrieve",
        parameters=[_IF_NONE_MATCH, _ETAG],
        responses={200: shapes.GuidanceOutput, 304: _UNCHANGED},
    )
    def get(self, request: Request, agent: str) -> Response:
        """Return the live policy in words, for an agent's prompt: guidance, rules, thresholds and the answer's form.

        Ask with `If-None-Match`: while nothing changed the answer is an empty 304.
        """
        visible.agent(request.user, agent)
        return _tagged(request, guidance.document(deciding.find(agent)))


class Exemplars(Operation):
    """Settled cases to learn from by example."""

    @extend_schema(
        operation_id="policy_exemplars",
        parameters=[shapes.ExemplarQuery, _IF_NONE_MATCH, _ETAG],
        responses={200: shapes.ExemplarsOutput, 304: _UNCHANGED},
    )
    def get(self, request: Request, agent: str) -> Response:
        """Return the settled cases sealed in the live policy that are most like `for`.

        Inputs that the contract calls sensitive are neither compared nor shown.
        """
        visible.agent(request.user, agent)
        query = shapes.ExemplarQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        given = query.validated_data
        try:
            wanted = exemplars.asked(given["for"]) if given["for"].strip() else None
        except exemplars.Unreadable as fault:
            raise Invalid("Say what the exemplars should be like.", fields={"for": str(fault)}) from fault
        return _tagged(request, guidance.exemplars(deciding.find(agent), wanted, limit=given["limit"]))


def _tagged(request: Request, body: dict[str, Any]) -> Response:
    tag = guidance.tag(body)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = parse_etags(request.headers.get("If-None-Match", ""))
    # RFC 9110, 13.1.2: If-None-Match compares weakly.
    if "*" in known or tag in {one.removeprefix("W/") for one in known}:
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers)
