"""Feature views over the API: published by people, filled by programs, read by whoever may see the agent."""

import json
from typing import Any

import pytest
from django.test import Client

from reviewapp.core.accounts import services
from tests.factories import serving
from tests.factories.features import VIEW, row, send, view

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_store")]


@pytest.fixture
def world():
    return serving.world(slug="lending")


def call(method: str, path: str, key: str, body: Any = None, **query: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    if method == "get":
        return Client().get(f"/api/v1/{path}", query, headers=headers)
    return getattr(Client(), method)(f"/api/v1/{path}", json.dumps(body), "application/json", headers=headers)


def program(world: serving.World, *scopes: str) -> str:
    account = services.create_service_account(name=f"pipeline {scopes}", agent_id=world.agent.pk, by=None)
    return services.issue_key(name="pipeline", scopes=list(scopes), service=account, by=None)[1]


def developer(world: serving.World, name: str = "dora", role: str = "agent_developer") -> str:
    person = serving.person(name, role, agent=world.agent)
    return serving.personal_key(person, "read", "features")


def test_publish__developer__versions_with_words(world):
    key = developer(world)
    first = call("post", "features", key, {**VIEW, "agent": "lending"})
    changed = [{**VIEW["features"][0], "unit": "USD"}]
    second = call("post", "features", key, {**VIEW, "agent": "lending", "features": changed})

    assert (first.status_code, second.status_code) == (201, 201)
    newest, oldest = second.json()["versions"]
    assert (newest["version"], oldest["version"]) == (2, 1)
    assert {"breaking": True, "text": "income is in USD instead of EUR."} in newest["changes"]


def test_publish__bad_view__named_by_path(world):
    answer = call("post", "features", developer(world), {**VIEW, "agent": "lending", "owner": ""})

    assert answer.status_code == 422
    assert "owner" in answer.content.decode()


def test_publish__who_may_not__refused(world):
    body = {**VIEW, "agent": "lending"}
    other = serving.world(slug="other")

    assert call("post", "features", developer(world, "ravi", "reviewer"), body).status_code == 403
    assert call("post", "features", program(world, "features"), body).status_code == 403
    assert call("post", "features", world.key, body).status_code == 403
    assert call("post", "features", developer(other, "otto"), body).status_code == 404
    assert call("post", "features", developer(world), []).status_code == 422


def test_send__program__stored_and_read_back(world):
    view(world.agent)
    key = program(world, "features")
    rows = [row(income=5.0, health=True), row("a-2"), {"entity": ""}]

    answer = call("put", "features/applicant", key, {"rows": rows})

    assert answer.status_code == 200
    told = answer.json()
    assert (told["stored"], told["repeated"], told["refused"], told["online"]) == (2, 0, 1, True)
    assert [one["status"] for one in told["results"]] == ["stored", "stored", "refused"]
    assert "entity" in told["results"][2]["fields"]
    assert call("put", "features/applicant", key, {"rows": rows}).json()["repeated"] == 2
    found = call("get", "features/applicant/entities/a-1", key).json()
    assert found["values"] == {"income": 5.0, "health": True}
    assert (found["version"], found["online"], found["stale"], found["hidden"]) == (1, True, [], [])


def test_send__who_may_not__refused(world):
    view(world.agent)
    body = {"rows": [row()]}

    assert call("put", "features/applicant", world.key, body).status_code == 403
    assert call("put", "features/applicant", developer(world, "ravi", "reviewer"), body).status_code == 403
    assert call("put", "features/applicant", program(serving.world(slug="other"), "features"), body).status_code == 404
    assert call("put", "features/applicant", developer(world), body).status_code == 200
    assert Client().put("/api/v1/features/applicant", "{}", "application/json").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 422),
        ({}, 422),
        ({"rows": []}, 422),
        ({"rows": [1] * 5001}, 422),
        ({"rows": [{}], "colour": 1}, 422),
        ({"rows": [{}], "version": "x"}, 422),
        ({"rows": [{}], "version": True}, 422),
        ({"rows": [{}], "version": 9}, 404),
    ],
)
def test_send__bad_body__says_what_to_mend(world, body, status):
    view(world.agent)

    assert call("put", "features/applicant", program(world, "features"), body).status_code == status


def test_read__person__sensitive_values_hidden(world):
    send(view(world.agent), row(age=7200, income=5.0, health=True, loans=1))
    key = serving.personal_key(serving.person("ada", "auditor"), "read")

    found = call("get", "features/applicant/entities/a-1", key).json()

    assert found["hidden"] == ["health"]
    assert "health" not in found["values"]
    assert found["stale"] == ["income", "health"]


def test_read__list_and_view__only_what_one_may_see(world):
    view(world.agent)
    other = serving.world(slug="other")

    (listed,) = call("get", "features", world.key).json()
    assert (listed["name"], listed["agent"], listed["state"]) == ("applicant", "lending", "empty")
    assert call("get", "features", other.key).json() == []
    assert call("get", "features/applicant", world.key).json()["features"][0]["unit"] == "EUR"
    assert call("get", "features/applicant", other.key).status_code == 404
    assert call("get", "features/applicant/entities/a-1", other.key).status_code == 404
    assert call("get", "features/applicant/entities/a-1", world.key).status_code == 404
    assert call("get", "features/nobody", world.key).status_code == 404
    assert call("get", "features/applicant/entities/a-1", world.key, version="0").status_code == 422
    assert call("post", "features/applicant", program(world, "features"), {}).status_code == 405


@pytest.mark.parametrize("entity", ["%00", "%ED%A0%80", "x" * 3000, "a%2Fb", "%F0%9F%98%80", "a/b"])
def test_read__odd_ids__missing(world, entity):
    view(world.agent)

    assert call("get", f"features/applicant/entities/{entity}", world.key).status_code == 404


@pytest.mark.parametrize("value", ["\ud800", "\x00", 1e400, [[[]]], {"a": 1}])
def test_send__odd_values__refused(world, value):
    view(world.agent)
    rows = [{**row(), "values": {"region": value}}, {**row(), "entity": value}]

    answer = call("put", "features/applicant", program(world, "features"), {"rows": rows})

    assert answer.status_code in {400, 422} or answer.json()["refused"] == 2
