"""Escalations alike: which can be approved together, and approving them."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api import inputs, people
from corrections.selectors import alike as reading
from corrections.services import approving
from reviewapp.core import clock
from reviewapp.core.errors import Invalid
from reviewapp.core.web.inputs import Strict


class AlikeApprovalInput(Strict):
    """One escalation, and why it is approved."""

    escalation = serializers.UUIDField()
    rationale = serializers.CharField(max_length=5000)


class AlikeApprovalsInput(Strict):
    """The escalations to approve together, each with its own reason."""

    approvals = serializers.ListField(child=AlikeApprovalInput(), min_length=1, max_length=reading.MOST)


class AlikeOutput(serializers.Serializer[dict[str, Any]]):
    """An escalation beside another: an empty `why_not` says that both can be approved together."""

    id = serializers.UUIDField()
    case_ref = serializers.CharField()
    author = serializers.CharField()
    reason_code = serializers.CharField()
    due_at = serializers.DateTimeField()
    turned = serializers.IntegerField(allow_null=True)
    why_not = serializers.CharField()


class AlikeOutcomeOutput(serializers.Serializer[dict[str, Any]]):
    """What became of one escalation; `why_not` says why it was not approved."""

    id = serializers.UUIDField()
    approved = serializers.BooleanField()
    why_not = serializers.CharField()


@extend_schema(
    methods=["GET"],
    responses=AlikeOutput(many=True),
    summary="Escalations that could be approved together with this one",
)
@extend_schema(
    methods=["POST"],
    request=AlikeApprovalsInput,
    responses=AlikeOutcomeOutput(many=True),
    summary="Approve escalations that ask for the same with little effect",
)
@api_view(["GET", "POST"])
def alike(request: Request, escalation_id: UUID) -> Response:
    """List escalations beside this one, or approve those alike to it; each needs its own reason and is told by itself."""
    if request.method == "GET":
        rows = reading.beside(escalation_id, people.person(request, people.READ), now=clock.now())
        return Response([asdict(row) for row in rows])
    user = people.person(request)
    asked = inputs.body(AlikeApprovalsInput, request)["approvals"]
    rationales = {one["escalation"]: one["rationale"] for one in asked}
    if len(rationales) < len(asked):
        raise Invalid("Nothing was approved.", fields={"approvals": "Name each escalation once."})
    done = approving.approve(escalation_id=escalation_id, rationales=rationales, by=user)
    return Response([asdict(one) for one in done])
