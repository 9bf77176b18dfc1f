"""Answers that are asked for again and again and seldom change: the second time they are an empty 304."""

import hashlib
from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

PARAMETERS = [
    OpenApiParameter(
        "If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The tag of the answer you have."
    ),
    OpenApiParameter(
        "ETag",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        response=[200, 304],
        description="Changes when the answer does.",
    ),
]
UNCHANGED = OpenApiResponse(None, "What you have is still true.")


def answer(request: Request, body: Any) -> Response:
    """Return `body` with the digest of its JSON as a strong tag (RFC 9110, 8.8.3), or 304 to who has it already."""
    tag = f'"{hashlib.sha256(JSONRenderer().render(body)).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = parse_etags(request.headers.get("If-None-Match", ""))
    # RFC 9110, 13.1.2: If-None-Match compares weakly.
    if "*" in known or tag in {one.removeprefix("W/") for one in known}:
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers)
