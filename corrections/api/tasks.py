"""One task: read, renew, release, draft, correct."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api.people import person
from corrections.api.serial import CorrectionIn, CorrectionOut, DraftIn, TaskOut, TokenIn, task_body
from corrections.selectors import workbench
from corrections.services import corrections, drafts, tasks
from reviewapp.core import clock


@extend_schema(responses=TaskOut, summary="A task with its decision and contract")
@api_view(["GET"])
def task(request: Request, task_id: UUID) -> Response:
    """Read a task."""
    return Response(task_body(workbench.case(task_id, person(request), now=clock.now())))


@extend_schema(request=None, responses=TaskOut, summary="Claim this very task")
@api_view(["POST"])
def claim(request: Request, task_id: UUID) -> Response:
    """Claim one task by id; 409 when someone else holds it."""
    user = person(request)
    tasks.claim_one(task_id=task_id, by=user)
    return Response(task_body(workbench.case(task_id, user, now=clock.now())))


@extend_schema(request=TokenIn, responses={200: dict}, summary="Hold a task longer")
@api_view(["POST"])
def renew(request: Request, task_id: UUID) -> Response:
    """Renew a lease; 409 when it is lost."""
    lease = tasks.renew(task_id=task_id, token=_read(TokenIn, request)["token"], by=person(request))
    return Response({"token": lease.token, "lease_until": lease.until.isoformat()})


@extend_schema(request=TokenIn, responses={204: None}, summary="Put a task back")
@api_view(["POST"])
def release(request: Request, task_id: UUID) -> Response:
    """Release a lease."""
    body = _read(TokenIn, request)
    tasks.release(task_id=task_id, token=body["token"], reason=body.get("reason", ""), by=person(request))
    return Response(status=204)


@extend_schema(request=DraftIn, responses={200: dict}, summary="Keep a draft")
@api_view(["PUT"])
def draft(request: Request, task_id: UUID) -> Response:
    """Save a draft; kept even when the lease is lost (`holds` says so)."""
    body = _read(DraftIn, request)
    saved_at, holds = drafts.save(task_id=task_id, token=body.get("token"), body=body["body"], by=person(request))
    return Response({"saved_at": saved_at.isoformat(), "holds": holds})


@extend_schema(request=CorrectionIn, responses={201: CorrectionOut}, summary="Submit a correction")
@api_view(["POST"])
def correct(request: Request, task_id: UUID) -> Response:
    """Submit a correction under the lease's token."""
    body = _read(CorrectionIn, request)
    done = corrections.submit(
        task_id=task_id,
        client=request.headers.get("User-Agent", "")[:200],
        shown={"via": "api"},
        by=person(request),
        **body,
    )
    answer = {
        "id": str(done.correction_id),
        "escalation": str(done.escalation_id) if done.escalation_id else None,
        "why_escalated": list(done.why_escalated),
    }
    return Response(answer, status=201)


def _read(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)
