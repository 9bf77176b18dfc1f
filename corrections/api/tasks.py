"""One task: read, claim, renew, release, draft, correct."""

from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api import inputs, outputs, people, present
from corrections.models import Recall
from corrections.selectors import judgements, queues, workbench
from corrections.services import blind, corrections, drafts, recalling, tasks
from reviewapp.core import clock
from reviewapp.core.web.inputs import Strict


@extend_schema(responses=outputs.TaskOutput, summary="A task with its decision and contract")
@api_view(["GET"])
def task(request: Request, task_id: UUID) -> Response:
    """Read a task."""
    return Response(
        present.task(workbench.case(task_id, people.person(request, people.READ), now=clock.now(), page=False))
    )


@extend_schema(request=None, responses=outputs.TaskOutput, summary="Claim this very task")
@api_view(["POST"])
def claim(request: Request, task_id: UUID) -> Response:
    """Claim one task by id; 409 when someone else holds it."""
    user = people.person(request)
    tasks.claim_one(task_id=task_id, by=user)
    return Response(present.task(workbench.case(task_id, user, now=clock.now(), page=False)))


@extend_schema(request=inputs.TokenInput, responses=outputs.LeaseOutput, summary="Hold a task longer")
@api_view(["POST"])
def renew(request: Request, task_id: UUID) -> Response:
    """Renew a lease; 409 when it is lost."""
    user = people.person(request)
    lease = tasks.renew(task_id=task_id, token=inputs.body(inputs.TokenInput, request)["token"], by=user)
    return Response({"token": lease.token, "lease_until": lease.until})


@extend_schema(request=inputs.ReleaseInput, responses={204: None}, summary="Put a task back")
@api_view(["POST"])
def release(request: Request, task_id: UUID) -> Response:
    """Release a lease; the draft stays with its author."""
    user = people.person(request)
    tasks.release(task_id=task_id, by=user, **inputs.body(inputs.ReleaseInput, request))
    return Response(status=204)


@extend_schema(request=inputs.DraftInput, responses=outputs.DraftOutput, summary="Keep a draft")
@api_view(["PUT"])
def draft(request: Request, task_id: UUID) -> Response:
    """Save a draft; kept even when the lease is lost (`holds` says so)."""
    user = people.person(request)
    saved_at, holds = drafts.save(task_id=task_id, by=user, **inputs.body(inputs.DraftInput, request))
    return Response({"saved_at": saved_at, "holds": holds})


@extend_schema(
    request=inputs.FirstJudgementInput,
    responses=outputs.TaskOutput,
    summary="Record your own judgement of a blind case",
)
@api_view(["POST"])
def judge_first(request: Request, task_id: UUID) -> Response:
    """Record what you think before you see the answer; the task comes back with it. `output: null` if you cannot tell."""
    user = people.person(request)
    blind.record(task_id=task_id, by=user, **inputs.body(inputs.FirstJudgementInput, request))
    return Response(present.task(workbench.case(task_id, user, now=clock.now(), page=False)))


@extend_schema(
    request=inputs.CorrectionInput, responses={201: outputs.SubmittedOutput}, summary="Submit a judgement of a decision"
)
@api_view(["POST"])
def correct(request: Request, task_id: UUID) -> Response:
    """Submit a judgement under the lease's token; 409 when the task went to someone else."""
    user = people.person(request)
    said = inputs.body(inputs.CorrectionInput, request)
    done = corrections.submit(
        task_id=task_id,
        client=request.headers.get("User-Agent", ""),
        shown={"via": "api"},
        by=user,
        **{**said, "attachments": [str(one) for one in said.get("attachments", ())]},
    )
    answer = {"id": done.correction_id, "escalation": done.escalation_id, "why_escalated": list(done.why_escalated)}
    return Response(answer, status=201)


@extend_schema(responses=outputs.MyCorrectionOutput(many=True), summary="Your corrections and what became of them")
@api_view(["GET"])
def mine(request: Request) -> Response:
    """List your latest corrections, newest first."""
    rows = queues.my_corrections(people.person(request, people.READ), limit=100)
    return Response([asdict(row) for row in rows])


@extend_schema(responses=outputs.JudgementsOutput, summary="What people said of a decision, and what it came to")
@api_view(["GET"])
def of_decision(request: Request, decision_id: UUID) -> Response:
    """List a decision's corrections; kept from who may still judge it, so that reviews stay independent."""
    return Response(asdict(judgements.of_decision(decision_id, people.person(request, people.READ))))


class RecallInput(Strict):
    """Why a correction is taken back."""

    reason = serializers.CharField(max_length=2000, allow_blank=True)


class RecallOutput(serializers.Serializer[Recall]):
    """A recall. What it changes follows within seconds: the consensus, and what the agent is told."""

    correction = serializers.UUIDField(source="correction_id")
    decision = serializers.UUIDField(source="decision_id")
    reason = serializers.CharField()
    recalled_at = serializers.DateTimeField()


@extend_schema(request=RecallInput, responses={201: RecallOutput}, summary="Recall your own correction")
@api_view(["POST"])
def recall(request: Request, correction_id: UUID) -> Response:
    """Take back a correction of yours that has taken effect: it counts no more, and whoever was told of it is told."""
    user = people.person(request)
    return Response(
        RecallOutput(recalling.recall(correction_id=correction_id, by=user, **inputs.body(RecallInput, request))).data,
        status=201,
    )
