"""Queues and claiming."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from agents.selectors import visible
from corrections.api import inputs, outputs, people, present
from corrections.selectors import consensus, reasons, workbench
from corrections.selectors import queues as reading
from corrections.selectors.sealed import SHORT
from corrections.services import tasks
from reviewapp.core import clock
from reviewapp.core.web import paging


@extend_schema(
    parameters=[inputs.QueueQuery],
    responses=outputs.QueueOutput(many=True),
    summary="Queues you may see, with what waits in them",
)
@api_view(["GET"])
def queues(request: Request) -> Response:
    """List queues; `?agent=` narrows to one agent."""
    user = people.person(request, people.READ)
    wanted = inputs.query(inputs.QueueQuery, request)["agent"]
    rows = reading.queues_for(user, now=clock.now())
    return Response([asdict(row) for row in rows if not wanted or row.agent_slug == wanted])


@extend_schema(
    request=None,
    responses={200: outputs.TaskOutput, 204: None},
    summary="Claim the most urgent task of a queue",
)
@api_view(["POST"])
def claim(request: Request, queue_id: UUID) -> Response:
    """Claim a task: 200 with the task and its lease, 204 when there is none for you."""
    user = people.person(request)
    lease = tasks.claim(queue_id=queue_id, by=user)
    if lease is None:
        return Response(status=204)
    return Response(present.task(workbench.case(lease.task_id, user, now=clock.now(), page=False)))


@extend_schema(
    parameters=[inputs.PageQuery],
    responses=outputs.TaskPageOutput,
    summary="Open tasks of a queue, most urgent first",
)
@api_view(["GET"])
def open_tasks(request: Request, queue_id: UUID) -> Response:
    """List a page of open tasks; `?after=` takes the cursor of the page before."""
    user = people.person(request, people.READ)
    asked = inputs.query(inputs.PageQuery, request)
    size, after = asked["limit"], paging.read(asked["after"], parts=3)
    rows = reading.tasks_in(reading.queue_for(user, queue_id), user, now=clock.now(), limit=size + 1, after=after)
    page, last = rows[:size], rows[size - 1] if len(rows) > size else None
    cursor = paging.write(str(last.priority), last.due_at.isoformat(), str(last.id)) if last else ""
    told = [{**asdict(row), "priority": None if row.why == SHORT else row.priority} for row in page]
    return Response({"tasks": told, "next": cursor})


@extend_schema(responses=outputs.ConsensusOutput, summary="How far the feedback of an agent is")
@api_view(["GET"])
def consensus_counts(request: Request, agent: str) -> Response:
    """Count settled and open feedback of one agent; for people who see it and for its own program."""
    people.require_scope(request, people.FOLLOW)
    return Response(present.counts(consensus.counts(visible.agent(request.user, agent).pk)))


# How far back reasons are counted.
_COUNTED_DAYS = 30


@extend_schema(responses=outputs.ReasonCountOutput(many=True), summary="Verdicts and reasons of the last 30 days")
@api_view(["GET"])
def reason_counts(request: Request, agent: str) -> Response:
    """Count verdicts and their reasons for one agent, the most frequent first."""
    people.require_scope(request, people.FOLLOW)
    since = clock.now() - timedelta(days=_COUNTED_DAYS)
    return Response([asdict(one) for one in reasons.counted(visible.agent(request.user, agent).pk, since=since)])
