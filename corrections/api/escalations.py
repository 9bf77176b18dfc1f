"""Escalations for a second person."""

from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api import inputs, outputs, people
from corrections.selectors import escalations as reading
from corrections.selectors import preview as replaying
from corrections.services import escalations as deciding
from reviewapp.core import clock


@extend_schema(
    parameters=[inputs.EscalationQuery],
    responses=outputs.EscalationOutput(many=True),
    summary="Escalations you may see",
)
@api_view(["GET"])
def escalations(request: Request) -> Response:
    """List escalations: those that wait, most urgent first, or those decided, newest first."""
    user = people.person(request, people.READ)
    rows = reading.inbox(user, **inputs.query(inputs.EscalationQuery, request))
    return Response([asdict(row) for row in rows])


@extend_schema(
    request=inputs.EscalationInput,
    responses=outputs.EscalationDecidedOutput,
    summary="Approve, reject or return an escalated correction",
)
@api_view(["POST"])
def decide(request: Request, escalation_id: UUID) -> Response:
    """Decide an escalation; its author cannot (403), nor can anyone twice (409)."""
    user = people.person(request)
    done = deciding.decide(escalation_id=escalation_id, by=user, **inputs.body(inputs.EscalationInput, request))
    return Response({"id": done.pk, "state": done.approval.state})


@extend_schema(
    responses=outputs.PreviewOutput, summary="What an escalated correction would change as a learned exception"
)
@api_view(["GET"])
def preview(request: Request, escalation_id: UUID) -> Response:
    """Replay the newest decisions of the last 30 days, 500 at most, with the correction as an exception of the policy."""
    user = people.person(request, people.READ)
    return Response(asdict(replaying.of_escalation(escalation_id, user, now=clock.now())))
