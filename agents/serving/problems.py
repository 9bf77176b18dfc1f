"""Problem details (RFC 9457) of the hot path, without the web kernel."""

import orjson
from django.http import HttpResponse

from reviewapp.core.errors import DomainError


def response(fault: DomainError) -> HttpResponse:
    """Return the problem document of a domain error: what, where, and how to mend it."""
    body = {
        **fault.extra,
        "type": f"urn:countersign:problem:{fault.code}",
        "title": fault.title,
        "status": fault.status,
        "detail": fault.detail,
        "code": fault.code,
        "errors": [{"path": path, "message": message} for path, message in fault.fields.items()],
    }
    content = orjson.dumps(body)
    answer = HttpResponse(content, status=fault.status, content_type="application/problem+json")
    answer["Content-Length"] = str(len(content))
    if fault.status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="countersign"'
    return answer
