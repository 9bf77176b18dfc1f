"""Sending what people gave us back to people: as a download that can run nothing here."""

from collections.abc import Iterator
from typing import BinaryIO

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header


def download(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """Return `content` for saving: never shown as part of this site, and kept by no cache."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer


def stream(content: BinaryIO | Iterator[bytes], *, name: str, media_type: str) -> HttpResponseBase:
    """Return a file for saving that is sent piece by piece; kept by no cache."""
    # A file is an iterator of its lines as well.
    kind = FileResponse if hasattr(content, "read") else StreamingHttpResponse
    answer: HttpResponseBase = kind(content, content_type=media_type)
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
