"""Handing a task to a colleague."""

from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api import inputs, outputs, people
from corrections.selectors import colleagues as reading
from corrections.services import handing


@extend_schema(responses=outputs.ColleagueOutput(many=True), summary="Who else may work on a task")
@api_view(["GET"])
def colleagues(request: Request, task_id: UUID) -> Response:
    """List the people to whom you can hand a task."""
    return Response([asdict(one) for one in reading.of_task(task_id, people.person(request))])


@extend_schema(request=inputs.HandOverInput, responses=outputs.HandedOutput, summary="Hand a task to a colleague")
@api_view(["POST"])
def hand_over(request: Request, task_id: UUID) -> Response:
    """Give a task that you hold to somebody else, with a copy of your draft; 409 when they may not judge it."""
    user = people.person(request)
    done = handing.hand_over(task_id=task_id, by=user, **inputs.body(inputs.HandOverInput, request))
    return Response({"receiver": done.receiver, "draft_copied": done.copied})
