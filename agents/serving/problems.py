"""Problem details (RFC 9457) of the hot path, without the web kernel."""

import logging
import secrets
import sys
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from agents.serving import plain
from agents.serving.plain import Answer
from reviewapp.core.errors import DomainError, Missing, Unavailable

log = logging.getLogger(__name__)

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


def answer(fault: DomainError) -> Answer:
    """Return the problem document of a domain error, with the headers that its status asks for."""
    headers = {}
    if fault.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="countersign"'
    if "retry_after" in fault.extra:
        headers["Retry-After"] = str(fault.extra["retry_after"])
    return plain.answer(fault.status, orjson.dumps(document(fault)), of="application/problem+json", headers=headers)


def response(fault: DomainError) -> HttpResponse:
    """Return the same as a view does."""
    return answer(fault).response()


def unreachable() -> Unavailable:
    """Return the fault that says the database is away: nothing was recorded, sending again is safe."""
    return Unavailable(
        "The database is not reachable and nothing was recorded; send it again shortly.",
        code="database",
        extra={"retry_after": RETRY_SECONDS},
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400 where there are no pages: the handler of the live and the decide process."""
    return response(DomainError("The request could not be read."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404 where there are no pages."""
    return response(Missing("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 where there are no pages."""
    return failed(request.method or "", request.path).response()


def failed(method: str, path: str) -> Answer:
    """Answer 500 for the exception that is being handled, or 503 while the database is away.

    The log names the same fault number.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return answer(unreachable())
    return answer(internal(f"{method} {path}"))


def internal(where: str) -> DomainError:
    """Return the fault that says something failed on our side, under a number that the log names with `where`."""
    number = f"E-{secrets.token_hex(4).upper()}"
    log.error("fault %s at %s", number, where)
    fault = DomainError(f"The fault is on our side and was recorded as {number}.", code="internal")
    fault.status, fault.title = 500, "Something failed on our side"
    return fault
