"""Errors of the API as problem documents (RFC 9457), the same from Django REST framework and from plain views."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from reviewapp.core.errors import DomainError, Unavailable

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"

# What the database driver raises when the server is away, starts, or gives up on a statement.
AWAY = (OperationalError, InterfaceError)
# A restart of PostgreSQL takes about this long; asking more often only adds to what waits for it.
RETRY_SECONDS = 2


def document(fault: DomainError) -> dict[str, Any]:
    """Return the problem document of a domain error: what, why, which fields and how to mend them."""
    return {
        "type": f"urn:countersign:problem:{fault.code}",
        "title": fault.title,
        "status": fault.status,
        "code": fault.code,
        "detail": fault.detail,
        "errors": [{"path": path, "message": message} for path, message in fault.fields.items()],
        **fault.extra,
    }


def unreachable() -> Unavailable:
    """Return the fault that says the database is away."""
    return Unavailable(
        "The database is not reachable; try again shortly.", code="database", extra={"retry_after": RETRY_SECONDS}
    )


def problem_response(fault: DomainError) -> HttpResponse:
    """Return the problem document as a plain HTTP response, with the headers its status asks for."""
    return JsonResponse(document(fault), status=fault.status, content_type=CONTENT_TYPE, headers=headers(fault))


def exception_handler(fault: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a DRF view raised into a problem document; None lets a true fault become a 500."""
    if isinstance(fault, DomainError):
        known = fault
    elif isinstance(fault, exceptions.APIException):
        known = _from_drf(fault)
    elif isinstance(fault, AWAY):
        log.error("the database refused: %s", fault)
        known = unreachable()
    elif isinstance(fault, Http404):
        known = _named(404, "not_found", "Not found", "There is nothing at this address.")
    elif isinstance(fault, PermissionDenied):
        known = _named(403, "not_allowed", "You may not do this", "Your roles do not allow this.")
    else:
        return None
    response = Response(document(known), status=known.status, content_type=CONTENT_TYPE, headers=headers(known))
    response["Content-Type"] = CONTENT_TYPE
    return response


def headers(fault: DomainError) -> dict[str, str]:
    """Return the headers that an error's status asks for: how to authenticate, when to come back."""
    made = {}
    if fault.status == 401:
        made["WWW-Authenticate"] = 'Bearer realm="countersign"'
    if "retry_after" in fault.extra:
        made["Retry-After"] = str(fault.extra["retry_after"])
    return made


def _from_drf(fault: exceptions.APIException) -> DomainError:
    fields = dict(_flatten(fault.detail)) if isinstance(fault, exceptions.ValidationError) else {}
    detail = "Some fields need attention." if fields else str(fault.detail)
    known = _named(fault.status_code, str(fault.default_code), detail.split(".")[0], detail)
    known.fields = fields
    if isinstance(fault, exceptions.ValidationError):
        known.status, known.code = 422, "invalid"
    return known


def _flatten(detail: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(detail, dict):
        return [
            pair for key, value in detail.items() for pair in _flatten(value, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(detail, list):
        if all(not isinstance(item, dict | list) for item in detail):
            return [(path, " ".join(str(item) for item in detail))]
        return [
            pair
            for index, value in enumerate(detail)
            for pair in _flatten(value, f"{path}.{index}" if path else str(index))
        ]
    return [(path, str(detail))]


def _named(status: int, code: str, title: str, detail: str) -> DomainError:
    fault = DomainError(detail, code=code)
    fault.status, fault.title = status, title
    return fault
