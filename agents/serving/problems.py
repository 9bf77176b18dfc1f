"""Problem details (RFC 9457) of the hot path, without the web kernel."""

from typing import Any

import orjson
from django.http import HttpResponse

from reviewapp.core.errors import DomainError, Unavailable

# A restart of PostgreSQL takes about this long; asking more often only adds to what waits for it.
RETRY_SECONDS = 2


def document(fault: DomainError) -> dict[str, Any]:
    """Return the members of the problem document: what, where, and how to mend it."""
    return {
        **fault.extra,
        "type": f"urn:countersign:problem:{fault.code}",
        "title": fault.title,
        "status": fault.status,
        "detail": fault.detail,
        "code": fault.code,
        "errors": [{"path": path, "message": message} for path, message in fault.fields.items()],
    }


def response(fault: DomainError) -> HttpResponse:
    """Return the problem document of a domain error, with the headers that its status asks for."""
    content = orjson.dumps(document(fault))
    answer = HttpResponse(content, status=fault.status, content_type="application/problem+json")
    answer["Content-Length"] = str(len(content))
    if fault.status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="countersign"'
    if "retry_after" in fault.extra:
        answer["Retry-After"] = str(fault.extra["retry_after"])
    return answer


def unreachable() -> Unavailable:
    """Return the fault that says the database is away: nothing was recorded, sending again is safe."""
    return Unavailable(
        "The database is not reachable and nothing was recorded; send it again shortly.",
        code="database",
        extra={"retry_after": RETRY_SECONDS},
    )
