"""A request and its answer, as little as the decision endpoint needs: Django's own objects cost a third of a decision."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse


class Asked(NamedTuple):
    """A request: its method, its WSGI environment (PEP 3333), and what reads at most so many bytes of its body."""

    method: str
    environ: Mapping[str, Any]
    read: Callable[[int], bytes]

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Return what a view was asked."""
        return cls(request.method or "", request.META, request.read)


class Answer(NamedTuple):
    """An answer whose headers tell its type and its length."""

    status: int
    headers: dict[str, str]
    content: bytes

    def response(self) -> HttpResponse:
        """Return it as a view does."""
        return HttpResponse(self.content, status=self.status, headers=self.headers)


def answer(status: int, content: bytes, *, of: str = "application/json", headers: Mapping[str, str]) -> Answer:
    """Return an answer with its headers. The length is said here because no middleware of the decide process does;
    without it the answer goes in chunks."""
    return Answer(status, {"Content-Type": of, "Content-Length": str(len(content)), **headers}, content)
