"""Arranging cases that wait by the API, one or many at once."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api import inputs, people
from corrections.selectors import rights
from corrections.services import arranging
from reviewapp.core.errors import NotAllowed
from reviewapp.core.web.inputs import Strict


class ArrangeInput(Strict):
    """One thing with up to 200 tasks: `move` to a queue, set the `priority`, or `free` what somebody holds."""

    tasks = serializers.ListField(child=serializers.UUIDField(), max_length=arranging.MOST)
    action = serializers.ChoiceField(choices=arranging.ACTIONS)
    queue = serializers.UUIDField(required=False, allow_null=True, default=None)
    priority = serializers.IntegerField(
        required=False, allow_null=True, default=None, max_value=1_000, min_value=-1_000
    )


class DoneOutput(serializers.Serializer[dict[str, Any]]):
    """What became of one task; `fault` is empty when it was done."""

    task_id = serializers.UUIDField()
    title = serializers.CharField()
    fault = serializers.CharField()


@extend_schema(request=ArrangeInput, responses=DoneOutput(many=True), summary="Move tasks, set priorities, put back")
@api_view(["POST"])
def arrange(request: Request) -> Response:
    """Do one thing with many tasks, one after the other; what cannot be done with one stops none of the others."""
    user = people.person(request, ("policies",))
    if not rights.keeps_any(user):
        raise NotAllowed("Arranging cases is for policy admins and operators.")
    given = inputs.body(ArrangeInput, request)
    done = arranging.many(
        task_ids=given["tasks"], action=given["action"], queue_id=given["queue"], priority=given["priority"], by=user
    )
    return Response([asdict(one) for one in done])
