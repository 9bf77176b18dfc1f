"""The way into the decide process: single decisions go straight to the endpoint, all else through Django."""

import io
import logging
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware

from agents.serving import endpoint, problems
from agents.serving.plain import Asked

log = logging.getLogger("django.request")

# As `urls_decide` has it.
_DECISIONS = re.compile(r"/api/v1/agents/([-a-zA-Z0-9_]+)/decisions")
_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_Start = Callable[..., Any]
_App = Callable[[dict[str, Any], _Start], Iterable[bytes]]


class Entry:
    """A WSGI application (PEP 3333) that answers like `django`, the application it is put before.

    Django's handler, its middleware and its request and response take as long as a policy's answer. A single decision
    needs none of them: no session, no cookie, no form. What it gets instead is what the tests compare.
    """

    def __init__(self, django: _App) -> None:
        self._django = django
        self._secured = {secure: _security_headers(secure=secure) for secure in (False, True)}

    def __call__(self, environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
        """Answer a request."""
        found = _DECISIONS.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        secure = found is not None and _secure(environ)
        if found is None or (settings.SECURE_SSL_REDIRECT and not secure):
            return self._django(environ, start_response)
        try:
            said = endpoint.answer(Asked("POST", environ, _reader(environ)), found[1])
        except Exception:
            log.exception("Internal Server Error: %s", environ["PATH_INFO"])
            said = problems.failed("POST", environ["PATH_INFO"])
        # As Django does when a request ends: a connection that failed is not kept for the next one.
        connection.close_if_unusable_or_obsolete()
        start_response(_LINES[said.status], [*said.headers.items(), *self._secured[secure]])
        return (said.content,)


def _secure(environ: dict[str, Any]) -> bool:
    proxy: tuple[str, str] | None = settings.SECURE_PROXY_SSL_HEADER
    if proxy is not None and (said := environ.get(proxy[0])) is not None:
        return bool(said.split(",", 1)[0].strip() == proxy[1])
    return bool(environ.get("wsgi.url_scheme") == "https")


def _reader(environ: dict[str, Any]) -> Callable[[int], bytes]:
    """Return what reads the body, as far as its stated length: the server may hand on more, of the next request."""

    def read(most: int) -> bytes:
        stated = environ.get("CONTENT_LENGTH") or "0"
        length = int(stated) if stated.isdigit() else 0
        content: bytes = environ["wsgi.input"].read(min(most, length))
        return content

    return read


def _security_headers(*, secure: bool) -> list[tuple[str, str]]:
    """Return the headers that every answer of this process gets from its one middleware."""
    scheme = "https" if secure else "http"
    request = WSGIRequest({"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": scheme})
    if secure and settings.SECURE_PROXY_SSL_HEADER:
        request.META[settings.SECURE_PROXY_SSL_HEADER[0]] = settings.SECURE_PROXY_SSL_HEADER[1]
    response = SecurityMiddleware(lambda _: HttpResponse()).process_response(request, HttpResponse())
    response.headers.pop("Content-Type", None)
    return list(response.items())
