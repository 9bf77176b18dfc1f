"""Error pages: what happened, what it means for your work, what to do next."""

import logging
import secrets
import sys

from django.http import HttpRequest, HttpResponse
from django.template import loader

from reviewapp.core.errors import DomainError, Missing, NotAllowed, Unauthenticated
from reviewapp.core.web import fragments, problems

log = logging.getLogger(__name__)


def page(request: HttpRequest, fault: DomainError) -> HttpResponse:
    """Return the page (for htmx a banner at the top of the page) that tells of a domain error, with its status."""
    inside = getattr(getattr(request, "user", None), "is_authenticated", False)
    if not inside:
        return _with_headers(
            fragments.render_page(request, "errors/outside.html", {"fault": fault}, status=fault.status), fault
        )
    template = "errors/denied.html" if isinstance(fault, NotAllowed) else "errors/error.html"
    response = fragments.render_page(request, template, {"fault": fault}, fragment="fault", status=fault.status)
    if fragments.wants_fragment(request):
        fragments.as_problem(response)
    return _with_headers(response, fault)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return _answer(request, DomainError("The request could not be read. Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return _answer(request, NotAllowed("Your roles do not allow this. An administrator can grant it."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token: usually a page left open across a sign-in."""
    fault = NotAllowed("This page was open too long to be sent. Reload it and try again.", code="csrf")
    fault.title = "The page is out of date"
    return _answer(request, fault)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return _answer(request, Missing("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 while the database is away, without touching it. The log names the same fault number."""
    if isinstance(sys.exception(), problems.AWAY):
        return _away(request)
    number = f"E-{secrets.token_hex(4).upper()}"
    log.error("fault %s at %s %s", number, request.method, request.path)
    if request.path.startswith("/api/"):
        fault = DomainError(f"The fault is on our side and was recorded as {number}.", code="internal")
        fault.status, fault.title = 500, "Something failed on our side"
        return problems.problem_response(fault)
    return HttpResponse(loader.get_template("errors/500.html").render({"number": number}), status=500)


def _away(request: HttpRequest) -> HttpResponse:
    fault = problems.unreachable()
    log.error("the database is away at %s %s", request.method, request.path)
    if request.path.startswith("/api/"):
        return problems.problem_response(fault)
    page = loader.get_template("errors/away.html").render({"fault": fault})
    return _with_headers(HttpResponse(page, status=fault.status), fault)


def _answer(request: HttpRequest, fault: DomainError) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problems.problem_response(fault)
    return page(request, fault)


def _with_headers(response: HttpResponse, fault: DomainError) -> HttpResponse:
    for name, value in problems.headers(fault).items():
        # A browser asked to authenticate would open its own dialog over our page.
        if not isinstance(fault, Unauthenticated):
            response.headers[name] = value
    return response
