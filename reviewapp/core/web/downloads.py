"""Sending what people gave us back to people: as a download that can run nothing here."""

from django.http import HttpResponse
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
