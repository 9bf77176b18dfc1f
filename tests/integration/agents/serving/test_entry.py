"""The short way into the decide process answers like Django's: same status, same headers, same body."""

import io
import json
import re
import sys
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connection

from agents.models import Decision
from agents.serving import deciding, endpoint
from agents.serving.entry import Entry
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT, World

pytestmark = pytest.mark.django_db

# What differs from one decision or fault to the next.
_OWN = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}|E-[0-9A-F]{8}|\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)|\"latency_us\":\d+")


@pytest.fixture(autouse=True)
def ended(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Be the decide process; return the ends of requests, which must not close the connection of a test."""
    settings.ROOT_URLCONF = "reviewapp.urls_decide"
    settings.MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
    ends: list[str] = []
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: ends.append("end"))
    return ends


def ask(application: Any, path: str, body: bytes, **environ: str) -> tuple[str, dict[str, str], bytes]:
    """Call a WSGI application as a server does."""
    said: list[Any] = []
    given = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_PORT": "80",
        "SERVER_NAME": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        **environ,
    }
    answer = application(given, lambda status, headers, _=None: said.extend([status, dict(headers)]))
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return said[0], said[1], content


def both(path: str, body: bytes, **environ: str) -> tuple[str, dict[str, str], bytes]:
    """Ask both ways; return the short way's answer when the two are alike."""
    django = WSGIHandler()
    long, short = ask(django, path, body, **environ), ask(Entry(django), path, body, **environ)
    assert short[0] == long[0]
    assert _OWN.sub(b"#", short[2]) == _OWN.sub(b"#", long[2])
    for said in (short[1], long[1]):
        said.pop("Content-Length", None)
        said["Location"] = _OWN.sub(b"#", said.get("Location", "").encode()).decode()
    assert short[1] == long[1]
    return short


def sent(world: World, **members: Any) -> tuple[bytes, dict[str, str]]:
    """Return a request's body and its environment."""
    return json.dumps({"input": GOOD_INPUT, **members}).encode(), {"HTTP_AUTHORIZATION": f"Bearer {world.key}"}


def test_entry__good_case__is_answered_as_by_django_with_its_security_headers() -> None:
    world = serving.world()
    body, environ = sent(world)
    status, headers, content = both(world.url, body, **environ)
    assert (status, json.loads(content)["status"]) == ("201 Created", "auto")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "environ", "status"),
    [
        (b'{"input": {}}', {}, 422),
        (b"{", {}, 400),
        (b"", {}, 400),
        (b" " * 300_000, {}, 413),
        (b'{"input": {}}', {"CONTENT_LENGTH": ""}, 400),
        (b'{"input": {}} and more', {"CONTENT_LENGTH": "13"}, 422),
        (b"{}", {"HTTP_AUTHORIZATION": ""}, 401),
        (b"{}", {"HTTP_AUTHORIZATION": "Bearer cs_wrong"}, 401),
        (b"{}", {"REQUEST_METHOD": "GET"}, 405),
        (b"{}", {"REQUEST_METHOD": "PUT"}, 405),
        (b"{}", {"PATH_INFO": "/api/v1/agents/nobody/decisions"}, 404),
        (b"{}", {"PATH_INFO": "/api/v1/agents/a%20b/decisions"}, 404),
        (b"{}", {"PATH_INFO": "/api/v1/agents/lending/decisions/"}, 404),
        (b"{}", {"PATH_INFO": "/elsewhere"}, 404),
    ],
)
def test_entry__refusal__is_the_same_problem(body: bytes, environ: dict[str, str], status: int) -> None:
    world = serving.world()
    _, own = sent(world)
    said, headers, content = both(world.url, body, **{**own, **environ})
    assert said.startswith(f"{status} ")
    if status != 405 or environ["REQUEST_METHOD"] == "PUT":
        assert headers["Content-Type"] == "application/problem+json", content


def test_entry__request_ends__looks_whether_the_connection_is_still_good(ended: list[str]) -> None:
    world = serving.world()
    body, environ = sent(world)
    for answered in (body, b"{"):
        ended.clear()
        ask(Entry(WSGIHandler()), world.url, answered, **environ)
        assert ended == ["end"]


def test_entry__repeat_under_a_key__is_the_same_decision() -> None:
    world = serving.world()
    body, environ = sent(world)
    environ["HTTP_IDEMPOTENCY_KEY"] = "k-1"
    first = ask(Entry(WSGIHandler()), world.url, body, **environ)
    status, _, content = both(world.url, body, **environ)
    assert (status, json.loads(content)["id"]) == ("200 OK", json.loads(first[2])["id"])


def test_entry__insecure_where_https_is_due__is_redirected(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 3600
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    world = serving.world()
    body, environ = sent(world)
    status, headers, _ = both(world.url, body, **environ)
    assert (status, headers["Location"]) == ("301 Moved Permanently", f"https://127.0.0.1{world.url}")
    status, headers, _ = both(world.url, body, **environ, HTTP_X_FORWARDED_PROTO="https")
    assert (status, headers["Strict-Transport-Security"]) == ("201 Created", "max-age=3600")
    assert both(world.url, body, **environ, HTTP_X_FORWARDED_PROTO="http, https")[0] == "301 Moved Permanently"


def test_entry__fault_of_ours__is_a_500_with_a_number_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("something of ours")

    world = serving.world()
    body, environ = sent(world)
    monkeypatch.setattr(deciding, "decide", broken)
    status, _, content = ask(Entry(WSGIHandler()), world.url, body, **environ)
    assert status == "500 Internal Server Error"
    number = re.search(rb"E-[0-9A-F]{8}", content)
    assert number
    assert number[0].decode() in caplog.text
    assert "something of ours" in caplog.text
    assert b"something of ours" not in content


def test_entry__database_is_away__says_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    world = serving.world()
    body, environ = sent(world)
    monkeypatch.setattr(endpoint, "_remembering", away)
    status, headers, _ = both(world.url, body, **environ)
    assert status == "503 Service Unavailable"
    assert int(headers["Retry-After"]) > 0
