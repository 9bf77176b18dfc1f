"""Files that go with a judgement."""

from dataclasses import asdict
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api import inputs, outputs, people
from corrections.selectors import attachments as selector
from corrections.selectors import workbench
from corrections.services import attachments
from reviewapp.core import blobs, clock
from reviewapp.core.errors import TooLarge
from reviewapp.core.web import downloads, openapi, uploads


@extend_schema(
    methods=["POST"],
    request={"multipart/form-data": inputs.FileInput},
    responses={201: outputs.FileOutput, **openapi.problems(413)},
    summary="Give a file to go with your judgement",
)
@extend_schema(
    methods=["GET"], responses=outputs.FileOutput(many=True), summary="Your files of a task, not submitted yet"
)
@api_view(["GET", "POST"])
@parser_classes([MultiPartParser])
def of_task(request: Request, task_id: UUID) -> Response:
    """List or add files; a submission names the ids of those that belong to it. The same content twice is one file."""
    user = people.person(request, people.READ if request.method == "GET" else people.REVIEW)
    # Who may not know of the task learns nothing of what its files must be.
    workbench.hold(task_id, user, now=clock.now())
    if request.method == "GET":
        return Response([asdict(one) for one in selector.drafted(task_id, user)])
    if dropped := uploads.too_large(request):
        raise TooLarge(f"{dropped[0]} is too large.")
    file = inputs.body(inputs.FileInput, request)["file"]
    row = attachments.add(task_id=task_id, name=file.name, content=file.read(), by=user)
    return Response(asdict(selector.readable(row.pk, user)), status=201)


@extend_schema(methods=["GET"], responses=outputs.FileOutput, summary="What a file is")
@extend_schema(methods=["DELETE"], responses={204: None}, summary="Remove a file that is not submitted yet")
@api_view(["GET", "DELETE"])
def one(request: Request, task_id: UUID, attachment_id: UUID) -> Response:
    """Read what a file is, or remove it from your draft; 409 when it belongs to what you submitted."""
    if request.method == "GET":
        return Response(asdict(selector.readable(attachment_id, people.person(request, people.READ))))
    attachments.remove(task_id=task_id, attachment_id=attachment_id, by=people.person(request))
    return Response(status=204)


@extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, summary="Read a file")
@api_view(["GET"])
def content(request: Request, attachment_id: UUID) -> HttpResponse:
    """Read a file of yours, or of a judgement that you may read; what kind it is stands in its description."""
    found = selector.readable(attachment_id, people.person(request, people.READ))
    with blobs.store().open(found.digest) as file:
        return downloads.download(file.read(), name=found.name, media_type="application/octet-stream")
