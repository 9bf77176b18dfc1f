"""Keeping queues by the API: make, read, change, pause, resume."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from agents.selectors import visible
from corrections.api import inputs, people
from corrections.models import Queue
from corrections.rules.priority import Weights
from corrections.selectors import queues as reading
from corrections.selectors import weighing as weighed
from corrections.services import queues, weighing
from reviewapp.core.web.inputs import Strict

Shape = serializers.Serializer[Queue]
KEEP = ("policies",)
_UNTIL = 2_000_000_000


class QueueTermsInput(Strict):
    """How a queue works; what is left out stays as it is, or at its usual value in a new queue."""

    name = serializers.CharField(required=False, max_length=120)
    purpose = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    seats = serializers.IntegerField(required=False, max_value=_UNTIL, help_text="1 to 5 independent reviews")
    most_seats = serializers.IntegerField(
        required=False, max_value=_UNTIL, help_text="When they disagree, ask one more until so many were; 0: a senior."
    )
    lease_seconds = serializers.IntegerField(required=False, max_value=_UNTIL, help_text="30 to 86,400")
    due_minutes = serializers.IntegerField(required=False, max_value=_UNTIL, help_text="1 to 525,600")
    position = serializers.IntegerField(required=False, max_value=_UNTIL, help_text="Lower comes first in lists.")
    blind_percent = serializers.IntegerField(
        required=False,
        max_value=_UNTIL,
        help_text="0 to 100: of how many cases the answer follows one's own judgement.",
    )


class QueueInput(QueueTermsInput):
    """A new queue."""

    kind = serializers.CharField(max_length=20, help_text="standard or senior")
    name = serializers.CharField(max_length=120)


class PauseInput(Strict):
    """Why a queue is paused."""

    reason = serializers.CharField(max_length=2000)


class KeptQueueOutput(Shape):
    """A queue and how it works; `pause_reason` is empty while it gives out tasks."""

    id = serializers.UUIDField()
    agent = serializers.CharField(source="agent.slug")
    code = serializers.CharField()
    kind = serializers.ChoiceField(choices=["standard", "senior"])
    name = serializers.CharField()
    purpose = serializers.CharField()
    seats = serializers.IntegerField()
    most_seats = serializers.IntegerField()
    lease_seconds = serializers.IntegerField()
    due_minutes = serializers.IntegerField()
    position = serializers.IntegerField()
    blind_percent = serializers.IntegerField()
    paused_at = serializers.DateTimeField(allow_null=True)
    pause_reason = serializers.CharField()


@extend_schema(
    request=QueueInput, responses={201: KeptQueueOutput}, summary="Make a queue of an agent", operation_id="queues_make"
)
@api_view(["POST"])
def make(request: Request, agent: str) -> Response:
    """Make the queue of a kind; each agent has one of each. For policy admins and operators."""
    user = people.person(request, KEEP)
    given = inputs.body(QueueInput, request)
    kind = given.pop("kind")
    queue = queues.make(agent_id=visible.agent(user, agent).pk, kind=kind, terms=queues.Terms(**given), by=user)
    return Response(KeptQueueOutput(queue).data, status=201)


@extend_schema(methods=["GET"], responses=KeptQueueOutput, summary="How a queue works", operation_id="queues_retrieve")
@extend_schema(
    methods=["PATCH"],
    request=QueueTermsInput,
    responses=KeptQueueOutput,
    summary="Change how a queue works",
    operation_id="queues_change",
)
@api_view(["GET", "PATCH"])
def queue(request: Request, queue_id: UUID) -> Response:
    """Read a queue's terms, or change those that are sent; tasks that wait keep their deadlines."""
    if request.method == "GET":
        return _answer(reading.queue_for(people.person(request, (*KEEP, *people.READ)), queue_id))
    user = people.person(request, KEEP)
    found = reading.queue_for(user, queue_id)
    given = inputs.body(QueueTermsInput, request)
    terms = queues.Terms(**{**queues.terms_of(found), **given})
    return _answer(queues.change(queue_id=queue_id, terms=terms, by=user))


@extend_schema(request=PauseInput, responses=KeptQueueOutput, summary="Give out no more of a queue's tasks")
@api_view(["POST"])
def pause(request: Request, queue_id: UUID) -> Response:
    """Pause a queue: who holds a task may finish it, new ones wait."""
    user = people.person(request, KEEP)
    return _answer(queues.pause(queue_id=queue_id, by=user, **inputs.body(PauseInput, request)))


@extend_schema(request=None, responses=KeptQueueOutput, summary="Give out a queue's tasks again")
@api_view(["POST"])
def resume(request: Request, queue_id: UUID) -> Response:
    """Resume a paused queue."""
    return _answer(queues.resume(queue_id=queue_id, by=people.person(request, KEEP)))


class WeightsInput(Strict):
    """Points of a review queue, -100 to 100; what is left out stays as it is."""

    uncertain = serializers.IntegerField(required=False, max_value=_UNTIL)
    escalated = serializers.IntegerField(required=False, max_value=_UNTIL)
    rule = serializers.IntegerField(required=False, max_value=_UNTIL)
    sampled = serializers.IntegerField(required=False, max_value=_UNTIL)
    risk = serializers.IntegerField(required=False, max_value=_UNTIL)
    waiting = serializers.IntegerField(required=False, max_value=_UNTIL)
    value = serializers.IntegerField(required=False, max_value=_UNTIL)
    value_of = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="A number in CEL.")
    value_full = serializers.FloatField(required=False)
    age_points = serializers.IntegerField(required=False, max_value=_UNTIL)
    age_hours = serializers.IntegerField(required=False, max_value=_UNTIL)


@extend_schema(
    methods=["GET"], responses=WeightsInput, summary="How a queue orders its cases", operation_id="weights_retrieve"
)
@extend_schema(
    methods=["PATCH"],
    request=WeightsInput,
    responses=WeightsInput,
    summary="Change how a queue orders its cases",
    operation_id="weights_change",
)
@api_view(["GET", "PATCH"])
def weights(request: Request, queue_id: UUID) -> Response:
    """Read a review queue's points, or change those that are sent; waiting tasks are weighed again within minutes."""
    user = people.person(request, KEEP)
    page = weighed.page(user, queue_id)
    if request.method == "PATCH":
        given = inputs.body(WeightsInput, request)
        weighing.configure(queue_id=queue_id, weights=Weights(**{**page.entered, **given}), by=user)
        page = weighed.page(user, queue_id)
    return Response(page.entered)


def _answer(found: Queue) -> Response:
    return Response(KeptQueueOutput(found).data)
