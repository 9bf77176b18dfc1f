"""Every address refuses whoever has no right: without sign-in, and signed in without any role."""

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from reviewapp.core.accounts import actors, services

pytestmark = pytest.mark.django_db

# Anyone may see whether the product is up, and how to sign in.
PUBLIC = (
    "healthz",
    "accounts/login/",
    "accounts/signup/",
    "accounts/inactive/",
    "accounts/password/reset/",
    "accounts/2fa/authenticate/",
)
# A signed-in person without a role has a home, their own account and the documentation, and nothing of anybody's.
OWN = (
    "",
    "start/",
    "queues/",
    "escalations/",
    "decisions/",
    "agents/",
    "releases/",
    "preferences/",
    "palette/",
    "components/",
    "shortcuts/",
    "accounts/",
    "api/schema/",
    "api/docs/",
    "api/v1/agents",
    "api/v1/queues",
    "api/v1/escalations",
)
VALUES = {"uuid": str(uuid.UUID(int=7)), "slug": "nobody", "str": "x", "int": "1"}


def addresses() -> list[str]:
    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for entry in patterns:
            route = prefix + str(getattr(entry.pattern, "_route", ""))
            if isinstance(entry, URLResolver):
                walk(entry.url_patterns, route)
            elif hasattr(entry.pattern, "_route"):
                found.append(route)

    walk(get_resolver("reviewapp.urls").url_patterns, "")
    return sorted(set(found))


def filled(route: str) -> str:
    parts = []
    for part in route.split("/"):
        if part.startswith("<") and part.endswith(">"):
            kind = part[1:-1].split(":")[0] if ":" in part else "str"
            parts.append(VALUES.get(kind, "x"))
        else:
            parts.append(part)
    return "/" + "/".join(parts)


def test_addresses__are_found():
    assert len(addresses()) > 50


@pytest.mark.parametrize("route", [route for route in addresses() if not route.startswith(PUBLIC)])
@pytest.mark.parametrize("verb", ["get", "post"])
def test_address__without_sign_in__is_refused(route, verb):
    response = getattr(Client(), verb)(filled(route))
    assert response.status_code in {301, 302, 401, 403, 404, 405, 415}, route
    if response.status_code in {301, 302}:
        assert "/accounts/login/" in response["Location"] or response["Location"].endswith("/accounts/login/"), route


@pytest.mark.parametrize("route", [route for route in addresses() if not route.startswith(PUBLIC) and "<" in route])
@pytest.mark.parametrize("verb", ["get", "post"])
def test_address__signed_in_without_role__shows_nothing_of_anyone(route, verb):
    person = services.create_user(
        username="stranger", display_name="Stranger", password="a long enough one", by=actors.SYSTEM
    )
    client = Client()
    client.force_login(person)
    response = getattr(client, verb)(
        filled(route),
        data={} if verb == "get" else "{}",
        **({} if verb == "get" else {"content_type": "application/json"}),
    )
    assert response.status_code in {302, 400, 401, 403, 404, 405, 415, 422}, route
