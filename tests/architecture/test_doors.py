"""Every address refuses whoever may not pass: nobody, and somebody without a role. What is public is listed here."""

import json
import re
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put")

# Deliberately open to everyone, each with its reason.
PUBLIC = {
    "healthz": "load balancers and the supervisor ask without signing in; it names no data",
    "account_login": "how one signs in",
    "account_signup": "answers that accounts are made by an administrator",
    "account_inactive": "tells a deactivated person what is the matter",
    "account_reset_password": "how one gets in again; never says whether an address is known",
    "account_reset_password_done": "the page after asking",
    "account_reset_password_from_key": "carries its own secret",
    "account_reset_password_from_key_done": "the page after that",
    "mfa_authenticate": "the second half of signing in",
}

# For every signed-in person, each with its reason; none of them may show anything of an agent.
FOR_EVERYONE_SIGNED_IN = {
    "corrections:home": "my queues: empty without a role",
    "corrections:start": "claims the next task of my queues: there is none",
    "agents:list": "lists what I may see",
    "agents:decisions": "lists what I may see",
    "agents:features": "lists what I may see",
    "corrections:escalations": "lists what I may see",
    "corrections:queue-admin": "lists what I may see",
    "corrections:calendars": "lists what I may see",
    "corrections:skills": "my certificates, and skills of the agents I may see",
    "corrections:search": "finds what I may see",
    "corrections:search-export": "what I may see, as a file",
    "corrections:search-views": "my views and what others share with everybody",
    "corrections:search-save": "keeps a search of mine",
    "api-search": "finds what I may see",
    "api-search-export": "what I may see, as a file",
    "api-search-views": "my views and what others share with everybody",
    "api-agents": "lists what I may see",
    "api-features": "lists what I may see",
    "api-queues": "lists what I may see",
    "api-escalations": "lists what I may see",
    "api-my-corrections": "lists what I wrote",
    "palette": "finds what I may open",
    "preferences": "my theme, time zone and shortcuts",
    "help": "help pages",
    "help-page": "help pages",
    "tour": "where I am in the tour",
    "notices": "what I was told",
    "notices-bell": "how much of it I have not read",
    "notices-read": "marks mine as read",
    "notices-wishes": "how I am told",
    "notices-snooze": "how I am told",
    "notices-chat": "my chat",
    "notices-chat-test": "my chat",
    "shortcuts": "the list of keys",
    "components": "the gallery, with made-up content",
    "schema": "the API's description",
    "schema-former": "the API's description",
    "api-docs": "the API's description",
    "account_logout": "leaving",
    "account_reauthenticate": "proving once more who I am",
    "account_email": "my address",
    "account_email_verification_sent": "a notice",
    "account_confirm_email": "carries its own secret",
    "account_change_password": "my password",
    "account_set_password": "my password",
    "account_confirm_login_code": "part of signing in",
    "mfa_index": "my second factor",
    "mfa_reauthenticate": "proving once more who I am",
    "mfa_activate_totp": "my second factor",
    "mfa_deactivate_totp": "my second factor",
    "mfa_view_recovery_codes": "my second factor",
    "mfa_generate_recovery_codes": "my second factor",
    "mfa_download_recovery_codes": "my second factor",
}
SAMPLES = {"key": "1", "uidb36": "1"}

# What a client would send, so that the answer is about rights and not about a body that is incomplete.
BODIES = {
    "api-incidents": {"agent": "zanzibar", "title": "Odd", "text": "What I saw there."},
    "api-incident-note": {"text": "What I saw."},
    "api-incident-contain": {"text": "It was the receiver."},
    "api-incident-actions": {"what": "Watch it", "owner": "eva", "due": "2040-01-01"},
    "api-incident-resolve": {"text": "It was the receiver."},
    "api-renew": {"token": 1},
    "api-release": {"token": 1},
    "api-hand-over": {"token": 1, "to": "ada"},
    "api-contract-draft": {"body": {}},
    "api-contract-deprecate": {"sunset_at": "2040-01-01T00:00:00Z", "reason": "Test"},
    "api-draft": {"token": 1, "body": {}},
    "api-correct": {"token": 1, "verdict": "agree"},
    "api-queue-make": {"kind": "standard", "name": "Review"},
    "api-routing": {"rules": [], "default": "review", "mark": "x"},
    "api-routing-trial": {"when": "true"},
    "api-recall": {"reason": "Read it again."},
    "api-queue-skills": {"skills": []},
    "api-skills": {"name": "Oriental rugs"},
    "api-skill-grant": {
        "to": "ada",
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2040-01-01T00:00:00Z",
        "basis": "Exam",
    },
    "api-certificate-revoke": {"reason": "Why not."},
    "api-arrange": {"tasks": ["019a0000-0000-7000-8000-000000000000"], "action": "free"},
    "api-queue-pause": {"reason": "Why not."},
    "api-judge-first": {"token": 1, "output": None},
    "api-escalation-decide": {"verdict": "approved"},
    "api-escalation-alike": {
        "approvals": [{"escalation": "00000000-0000-7000-8000-000000000000", "rationale": "Test"}]
    },
    "api-version-approval": {"verdict": "approved"},
    "api-release-rollback": {"rationale": "Test"},
}
# What the middleware of the processes without pages is: see `settings.base` and `settings.decide`.
BARE = ["django.middleware.security.SecurityMiddleware"]


def _patterns(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", route
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _patterns(pattern, route, space + inner)


def _addresses(urlconf: str) -> list[tuple[str, str]]:
    return list(_patterns(get_resolver(urlconf)))


ADDRESSES = _addresses("reviewapp.urls")
GUARDED = [pair for pair in ADDRESSES if pair[0] not in PUBLIC]
BY_ROLE = [pair for pair in GUARDED if pair[0] not in FOR_EVERYONE_SIGNED_IN]


def _path(route: str, parts: dict[str, object]) -> str:
    """Fill a route with real values, so that a refusal is about rights and not about a thing that does not exist."""
    filled = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)", lambda found: SAMPLES[found[1]], route)
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(parts[found[1]]), filled)
    return "/" + filled.replace("^", "").replace("$", "")


def _ask(client: Client, method: str, path: str, name: str = "") -> HttpResponse:
    if method == "get":
        return client.get(path)
    if method == "put" or path.startswith("/api/"):
        return getattr(client, method)(path, data=json.dumps(BODIES.get(name, {})), content_type="application/json")
    return client.post(path)


def _signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_lists__of_open_doors__name_addresses_that_exist():
    names = {name for name, _ in ADDRESSES}

    assert set(PUBLIC) <= names
    assert set(FOR_EVERYONE_SIGNED_IN) <= names
    assert not set(PUBLIC) & set(FOR_EVERYONE_SIGNED_IN)


@pytest.mark.parametrize(("name", "route"), GUARDED, ids=[name for name, _ in GUARDED])
def test_address__nobody_signed_in__sent_to_sign_in_or_refused(everything, name, route):
    path = _path(route, everything.parts)

    for method in METHODS:
        response = _ask(Client(), method, path)
        to_sign_in = response.status_code == 302 and response["Location"].startswith("/accounts/login/")
        assert to_sign_in or response.status_code in {401, 405}, (method, path, response.status_code)
        assert everything.secrets[0] not in response.content.decode()


@pytest.mark.parametrize(("name", "route"), BY_ROLE, ids=[name for name, _ in BY_ROLE])
def test_address__person_without_a_role__refused(everything, name, route):
    path, client = _path(route, everything.parts), _signed_in(everything.nobody)

    answers = {method: _ask(client, method, path, name).status_code for method in METHODS}

    # 401: the decision endpoint takes keys only, a session is nothing to it.
    refused = {401, 403, 404, 405} if name in {"api-decisions", "api-decisions-batch"} else {403, 404, 405}
    assert set(answers.values()) <= refused, (path, answers)
    assert set(answers.values()) - {405}, (path, answers)


OPEN = [
    pair for pair in ADDRESSES if pair[0] in FOR_EVERYONE_SIGNED_IN and not pair[0].startswith(("account_", "mfa_"))
]


@pytest.mark.parametrize(("name", "route"), OPEN, ids=[name for name, _ in OPEN])
def test_address__open_to_every_person__shows_nothing_of_any_agent(everything, name, route):
    typed = {"q": everything.secrets[0][:4]} if name == "palette" else {}
    found = _signed_in(everything.nobody).get(_path(route, everything.parts), typed)

    assert found.status_code in {200, 405}
    sent = found.getvalue() if found.streaming else found.content
    body = sent.decode().casefold()
    assert not [secret for secret in everything.secrets if secret.casefold() in body]


@pytest.mark.parametrize(("name", "route"), BY_ROLE, ids=[name for name, _ in BY_ROLE])
def test_address__sample__is_real(everything, name, route):
    """Refusals above prove nothing when the thing asked for does not exist: whoever holds every role finds it."""
    response = _signed_in(everything.everyone).get(_path(route, everything.parts))

    assert response.status_code in {200, 204, 302, 405}, (name, response.status_code)


@pytest.mark.parametrize("urlconf", ["reviewapp.urls_live", "reviewapp.urls_decide"])
def test_address__live_and_decide__refuse_whoever_has_no_key(everything, settings, urlconf):
    settings.ROOT_URLCONF, settings.MIDDLEWARE = urlconf, BARE
    guarded = [(name, route) for name, route in _addresses(urlconf) if name not in PUBLIC]

    assert guarded
    for _, route in guarded:
        path = _path(route, everything.parts)
        for client in (Client(), _signed_in(everything.nobody)):
            answers = {_ask(client, method, path).status_code for method in ("get", "post")}
            assert answers <= {401, 405}, (path, answers)
            assert 401 in answers
