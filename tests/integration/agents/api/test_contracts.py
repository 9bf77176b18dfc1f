"""The life of contracts over HTTP."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.factories import serving
from tests.factories.agents import contract_body
from tests.factories.serving import World

pytestmark = pytest.mark.django_db
BASE = "/api/v1/agents/lending/contracts"


@pytest.fixture
def world() -> World:
    return serving.world()


@pytest.fixture
def ada(world: World) -> Client:
    return signed_in("ada", "agent_developer", agent=world.agent)


def signed_in(name: str, *roles: str, agent: Any = None) -> Client:
    client = Client()
    client.force_login(serving.person(name, *roles, agent=agent))
    return client


def send(client: Client, path: str, body: Any, method: str = "post") -> Any:
    return getattr(client, method)(BASE + path, data=json.dumps(body), content_type="application/json")


def broken() -> dict[str, Any]:
    body = contract_body(title="Dollars")
    del body["version"]
    body["input_schema"]["properties"]["amount"]["x-unit"] = "USD"
    return body


def test_contracts__whole_life__works(ada: Client) -> None:
    draft = ada.get(f"{BASE}/draft").json()
    assert (draft["revision"], draft["body"]["title"]) == (0, "Small loans")
    saved = send(ada, "/draft", {"body": broken(), "revision": 0}, "put")
    assert (saved.status_code, saved.json()["revision"]) == (200, 1)
    looked = send(ada, "/validate", {}).json()
    assert looked["valid"]
    assert "may not silently replace" in looked["verdict"]
    refused = send(ada, "/publish", {})
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert fault["path"] == "acknowledged.input_schema.properties.amount.x-unit"
    path = fault["path"].removeprefix("acknowledged.")
    made = send(ada, "/publish", {"acknowledged": {path: "All agents send dollars now."}})
    assert (made.status_code, made.json()["version"]) == (201, 2)
    listed = ada.get(BASE).json()
    assert [(row["version"], row["live"]) for row in listed["contracts"]] == [(2, False), (1, True)]
    assert listed["draft"] is None
    compared = ada.get(f"{BASE}/compare?old=1&new=2").json()
    assert compared["changes"][0]["effect"] == "breaking"
    ended = send(ada, "/1/deprecate", {"sunset_at": "2040-01-01T00:00:00Z", "reason": "Use version 2."})
    assert ended.status_code == 200, ended.content
    assert ended.json()["deprecation"]["sunset_at"].startswith("2040-01-01")
    assert ada.get(f"{BASE}/2").json()["body"]["title"] == "Dollars"


def test_validate__faulty_body__names_each_path(ada: Client) -> None:
    body = {**broken(), "latency_ms": 0, "surprise": 1}
    found = send(ada, "/validate", {"body": body}).json()
    assert not found["valid"]
    assert set(found["errors"]) == {"latency_ms", "surprise"}


def test_draft__stale_revision__is_a_conflict_and_discard_is_silent(ada: Client) -> None:
    send(ada, "/draft", {"body": {}, "revision": 0}, "put")
    assert send(ada, "/draft", {"body": {}, "revision": 0}, "put").status_code == 409
    assert ada.delete(f"{BASE}/draft").status_code == 204
    assert ada.delete(f"{BASE}/draft").status_code == 204
    assert send(ada, "/publish", {}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "/draft", {"body": {}, "revision": 0}),
        ("delete", "/draft", {}),
        ("post", "/publish", {"body": {}}),
        ("post", "/1/deprecate", {"sunset_at": "2040-01-01T00:00:00Z", "reason": "x"}),
    ],
)
def test_writes__reader_403__stranger_404__key_403(world: World, method: str, path: str, body: Any) -> None:
    assert send(signed_in("bo", "auditor"), path, body, method).status_code == 403
    other = serving.world(slug="other")
    assert send(signed_in("cy", "agent_developer", agent=other.agent), path, body, method).status_code == 404
    answer = getattr(Client(), method)(BASE + path, json.dumps(body), "application/json", headers=world.auth)
    assert answer.status_code == 403


def test_reads__bad_version_or_verb__is_named(ada: Client) -> None:
    assert ada.get(f"{BASE}/9").status_code == 404
    assert ada.get(f"{BASE}/compare?old=1&new=9").status_code == 404
    assert ada.get(f"{BASE}/compare?old=x").status_code in {400, 422}
    assert ada.post(f"{BASE}/compare").status_code == 405
    assert signed_in("dora").get(BASE).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/agents/lending", f"{BASE}/1"])
def test_read_again__nothing_changed__is_an_empty_304(ada: Client, path: str) -> None:
    first = ada.get(path)
    again = ada.get(path, headers={"If-None-Match": first["ETag"]})
    other = ada.get(path, headers={"If-None-Match": '"another"'})

    assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert (again.content, again["ETag"], other["ETag"]) == (b"", first["ETag"], first["ETag"])
