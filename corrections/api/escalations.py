"""Escalations for a second person."""

from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api.people import person
from corrections.api.serial import DecisionIn
from corrections.selectors import escalations as reading
from corrections.services import escalations as deciding


@extend_schema(responses={200: dict}, summary="Escalations you may see")
@api_view(["GET"])
def escalations(request: Request) -> Response:
    """List escalations: `?state=pending` (default) or `decided`, `?agent=` for one agent."""
    user = person(request)
    params = request.query_params
    rows = reading.inbox(user, state=params.get("state", "pending"), agent=params.get("agent", ""), limit=100)
    return Response([asdict(row) for row in rows])


@extend_schema(request=DecisionIn, responses={200: dict}, summary="Approve, reject or return an escalated correction")
@api_view(["POST"])
def decide(request: Request, escalation_id: UUID) -> Response:
    """Decide an escalation; its author cannot (403), nor can anyone twice (409)."""
    form = DecisionIn(data=request.data)
    form.is_valid(raise_exception=True)
    done = deciding.decide(escalation_id=escalation_id, by=person(request), **form.validated_data)
    return Response({"id": str(done.pk), "state": done.approval.state})
