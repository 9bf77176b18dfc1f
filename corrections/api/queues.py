"""Queues and claiming."""

from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api.people import person
from corrections.api.serial import QueueOut, TaskOut, task_body
from corrections.selectors import consensus, rights, workbench
from corrections.selectors import queues as reading
from corrections.services import tasks
from reviewapp.core import clock
from reviewapp.core.accounts import api_auth
from reviewapp.core.errors import Missing
from reviewapp.core.web import paging


@extend_schema(responses=QueueOut(many=True), summary="Queues you may see, with what waits in them")
@api_view(["GET"])
def queues(request: Request) -> Response:
    """List queues; `?agent=` narrows to one agent."""
    rows = reading.queues_for(person(request), now=clock.now())
    wanted = request.query_params.get("agent")
    return Response([asdict(row) for row in rows if not wanted or row.agent_slug == wanted])


@extend_schema(request=None, responses={200: TaskOut, 204: None}, summary="Claim the most urgent task of a queue")
@api_view(["POST"])
def claim(request: Request, queue_id: UUID) -> Response:
    """Claim a task: 200 with the task and its lease, 204 when there is none for you."""
    user = person(request)
    lease = tasks.claim(queue_id=queue_id, by=user)
    if lease is None:
        return Response(status=204)
    return Response(task_body(workbench.case(lease.task_id, user, now=clock.now())))


@extend_schema(responses={200: dict}, summary="Open tasks of a queue, most urgent first")
@api_view(["GET"])
def open_tasks(request: Request, queue_id: UUID) -> Response:
    """List a page of open tasks; `?after=` takes the cursor of the page before, `?limit=` up to 200."""
    user = person(request)
    limit = request.query_params.get("limit", "100")
    size = min(max(int(limit), 1), 200) if limit.isdigit() else 100
    after = paging.read(request.query_params.get("after", ""), parts=3)
    rows = reading.tasks_in(reading.queue_for(user, queue_id), user, now=clock.now(), limit=size + 1, after=after)
    page, more = rows[:size], len(rows) > size
    cursor = paging.write(str(page[-1].priority), page[-1].due_at.isoformat(), str(page[-1].id)) if more else ""
    return Response({"tasks": [asdict(row) for row in page], "next": cursor})


@extend_schema(responses={200: dict}, summary="How far the feedback of an agent is")
@api_view(["GET"])
def consensus_counts(request: Request, agent: str) -> Response:
    """Count settled and open feedback of one agent."""
    api_auth.require_scope(request, "review")
    row = rights.visible_agents(request.user).filter(slug=agent).first()
    if row is None:
        raise Missing("There is no such agent.")
    return Response(asdict(consensus.counts(row.pk)))
