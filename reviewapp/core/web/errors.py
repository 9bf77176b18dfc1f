"""Error pages: what happened, what it means for your work, what to do next."""

from django.http import HttpRequest, HttpResponse

from reviewapp.core.errors import Conflict, DomainError, Missing, NotAllowed
from reviewapp.core.web import fragments, problems


def page(request: HttpRequest, fault: DomainError) -> HttpResponse:
    """Return the page (or for htmx the fragment) that tells of a domain error, with its status."""
    template = "errors/denied.html" if isinstance(fault, NotAllowed) else "errors/error.html"
    return fragments.render_page(request, template, {"fault": fault}, fragment="fault", status=fault.status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return _answer(request, DomainError("The request could not be read. Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return _answer(request, NotAllowed("Your roles do not allow this. An administrator can grant it."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token: usually a page left open across a sign-in."""
    return _answer(request, NotAllowed("This page was open too long to be sent. Reload it and try again.", code="csrf"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return _answer(request, Missing("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the database: it may be the reason."""
    return HttpResponse(
        "<!doctype html><html lang=en><title>Error · Countersign</title><h1>Something failed on our side</h1>"
        "<p>Nothing you saved is lost. The fault was recorded. Reload the page, or go <a href=/>back to your queues</a>.",
        status=500,
    )


def _answer(request: HttpRequest, fault: DomainError) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problems.problem_response(fault)
    return page(request, fault)


__all__ = ["Conflict", "bad_request", "csrf_failure", "forbidden", "not_found", "page", "server_error"]
