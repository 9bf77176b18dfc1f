"""The few addresses that programs call all day, answered without what only pages and rare requests need.

A request with an API key has no session, no form token and no message to show, and nearly always wants JSON. A light view
answers what is ordinary and raises `WholeWay` for everything else: refusals, odd headers, programs' own keys. Those go
on through Django REST framework, which alone knows how to say no.
"""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

import orjson
from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLResolver, get_resolver
from rest_framework.exceptions import APIException

from reviewapp.core import clock
from reviewapp.core.accounts import keys
from reviewapp.core.errors import DomainError
from reviewapp.core.web.parsers import JSONParser

log = logging.getLogger(__name__)

_JSON = "application/json"
# What clients send that take whatever comes.
_ANY = frozenset({"*/*", _JSON, "application/json, */*"})
# Beyond this the whole way is not what costs.
_MAX_BYTES = 256 * 1024


class WholeWay(Exception):
    """This request needs more than a light view tells; nothing was answered, and nothing changed."""


class LightRequests:
    """Hands requests with a key to `LIGHT_URLCONF` first. Stands right after what guards every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next step, and the headers that later steps would have set."""
        self.get_response = get_response
        self.resolver: URLResolver = get_resolver(settings.LIGHT_URLCONF)
        self.headers = {HEADER: build_policy() or "", "X-Frame-Options": settings.X_FRAME_OPTIONS}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass on."""
        return (self._light(request) if ordinary(request) else None) or self.get_response(request)

    def _light(self, request: HttpRequest) -> HttpResponse | None:
        try:
            view, _, named = self.resolver.resolve(request.path_info)
        except Resolver404:
            return None
        # A host that is not ours is refused, as it is further in.
        request.get_host()
        try:
            response: HttpResponse = view(request, **named)
        except (WholeWay, DomainError, Error) as fault:
            log.debug("%s goes the whole way: %r", request.path_info, fault)
            return None
        for name, value in self.headers.items():
            response.headers[name] = value
        return response


def ordinary(request: HttpRequest) -> bool:
    """Say whether a request has a key and nothing that asks for another form of answer."""
    told = request.META
    return "HTTP_AUTHORIZATION" in told and not told.get("QUERY_STRING") and told.get("HTTP_ACCEPT", "*/*") in _ANY


def person(request: HttpRequest, method: str, scopes: tuple[str, ...]) -> keys.KeyHolder:
    """Return the person whose key came by `method`, when it has one of `scopes`. Raises `WholeWay` otherwise.

    The process may have seen the key a while ago: whatever is read or written for the person must be so under the
    condition `keys.PERSON_STANDS`.
    """
    if request.method != method:
        raise WholeWay
    raw, now = keys.bearer(request.META["HTTP_AUTHORIZATION"]), clock.now()
    holder = keys.recall_person(raw, now=now) or keys.authenticate(raw, now=now)
    if holder.user_id is None or holder.scopes.isdisjoint(scopes):
        raise WholeWay
    return holder


def content(request: HttpRequest) -> Any:
    """Return what a JSON body says; it stays readable for whoever comes after. Raises `WholeWay` for any other body."""
    stated = request.META.get("CONTENT_LENGTH", "")
    fits = request.META.get("CONTENT_TYPE") == _JSON and stated.isdigit() and int(stated) <= _MAX_BYTES
    if not fits:
        raise WholeWay
    try:
        return JSONParser().parse(BytesIO(request.body))
    except APIException:
        raise WholeWay from None


def answer(found: Any, *, allow: str, status: int = 200) -> HttpResponse:
    """Return `found` as JSON, as Django REST framework would answer it; `allow` names the address's verbs."""
    body = orjson.dumps(found, option=orjson.OPT_UTC_Z)
    headers = {"Content-Length": str(len(body)), "Allow": allow}
    return HttpResponse(body, status=status, content_type=_JSON, headers=headers)


def nothing(*, allow: str) -> HttpResponse:
    """Return a 204, which has no content of any type."""
    response = HttpResponse(status=204, headers={"Content-Length": "0", "Allow": allow})
    del response.headers["Content-Type"]
    return response
