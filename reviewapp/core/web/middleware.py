"""Domain errors of pages become pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from reviewapp.core.errors import DomainError
from reviewapp.core.web import errors, problems


class ProblemPages:
    """Shows a domain error that a page view raised as a page (or a fragment) with its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; faults come to `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Answer a domain error; anything else is a fault of ours and stays one."""
        if not isinstance(fault, DomainError):
            return None
        if request.path.startswith("/api/"):
            return problems.problem_response(fault)
        return errors.page(request, fault)
