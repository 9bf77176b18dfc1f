"""An agent's webhooks over HTTP."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from agents.models import WebhookDelivery, WebhookEndpoint
from agents.services import webhook_secrets
from reviewapp.core import clock
from tests.factories import serving
from tests.factories.serving import World, person

pytestmark = pytest.mark.django_db
URL = "https://hooks.example/countersign"


@pytest.fixture
def world() -> World:
    return serving.world()


@pytest.fixture
def dana(world: World) -> Client:
    return _client("dana", "agent_developer", agent=world.agent)


def _client(name: str, *roles: str, agent: Any = None) -> Client:
    client = Client()
    client.force_login(person(name, *roles, agent=agent))
    return client


def _path(rest: str = "", slug: str = "lending") -> str:
    return f"/api/v1/agents/{slug}/webhooks{rest}"


def _post(client: Client, rest: str = "", body: Any = None, **headers: str) -> Any:
    return client.post(_path(rest), data=json.dumps(body or {}), content_type="application/json", headers=headers)


def _added(client: Client) -> Any:
    return _post(client, "", {"url": URL}).json()


def test_webhooks__whole_life__works(dana: Client) -> None:
    made = _post(dana, "", {"url": URL, "description": "Core banking"})
    assert made.status_code == 201
    told = made.json()
    assert told["secret"].startswith("whsec_")
    assert (told["url"], told["state"], told["description"]) == (URL, "active", "Core banking")
    path = f"/{told['id']}"
    listed = dana.get(_path()).json()["webhooks"]
    assert [row["id"] for row in listed] == [told["id"]]
    assert "secret" not in listed[0]

    turned = _post(dana, path + "/rotate").json()
    assert turned["secret"] != told["secret"]
    assert turned["rotating_until"]
    assert webhook_secrets.unseal(WebhookEndpoint.objects.get().secret) == turned["secret"]

    assert _post(dana, path + "/pause").json()["state"] == "paused"
    assert _post(dana, path + "/test").status_code == 409
    assert _post(dana, path + "/resume").json()["state"] == "active"
    tried = _post(dana, path + "/test")
    assert tried.status_code == 202
    assert tried.json()["type"] == "countersign.webhook.test"
    assert dana.get(_path(path)).json()["pending"] == 1
    assert dana.delete(_path(path)).status_code == 204
    assert dana.get(_path(path)).status_code == 404
    assert dana.get(_path(f"/messages/{tried.json()['id']}")).json()["state"] == "dead"


def test_messages__in_pages_by_state_and_sent_again(dana: Client) -> None:
    path = f"/{_added(dana)['id']}"
    made = [_post(dana, path + "/test").json()["id"] for _ in range(3)]
    WebhookDelivery.objects.filter(pk=made[0]).update(state="dead", closed_at=clock.now(), last_status=500)
    first = dana.get(_path("/messages?limit=2")).json()
    assert [row["id"] for row in first["messages"]] == made[:0:-1]
    rest = dana.get(_path(f"/messages?limit=2&after={first['after']}")).json()
    assert ([row["id"] for row in rest["messages"]], rest["after"]) == (made[:1], None)
    (dead,) = dana.get(_path("/messages?state=dead")).json()["messages"]
    assert (dead["id"], dead["status"], dead["next_attempt_at"]) == (made[0], 500, None)

    again = _post(dana, f"/messages/{made[0]}/replay").json()
    assert (again["state"], again["webhook_id"]) == ("pending", dead["webhook_id"])
    WebhookDelivery.objects.update(state="dead", closed_at=clock.now())
    assert _post(dana, "/messages/replay").json() == {"replayed": 3}
    assert dana.get(_path("/messages?state=dead")).json()["messages"] == []


def test_add__bad_addresses__named_at_their_path(dana: Client) -> None:
    for body, path in (
        ({"url": "http://10.0.0.1/"}, "url"),
        ({}, "url"),
        ({"url": URL, "description": "x" * 200}, "description"),
    ):
        answer = _post(dana, "", body)
        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        assert [fault["path"] for fault in answer.json()["errors"]] == [path]


@pytest.mark.parametrize("method", ["get", "delete"])
def test_webhook__of_another_agent_or_unknown__is_not_there(dana: Client, method: str) -> None:
    serving.world(slug="other")
    other = _client("omar", "agent_developer")
    hook = _added(other)["id"]
    message = _post(other, f"/{hook}/test").json()["id"]
    for path in (_path(f"/{hook}", "other"), _path(f"/{uuid4()}")):
        assert getattr(other, method)(path).status_code == 404
    assert other.get(_path(f"/messages/{message}", "other")).status_code == 404
    assert other.post(_path(f"/messages/{message}/replay", "other")).status_code == 404
    stranger = _client("nina")
    assert getattr(stranger, method)(_path(f"/{hook}")).status_code == 404


def test_reader_and_operator__may_do_less(world: World, dana: Client) -> None:
    hook = _added(dana)["id"]
    auditor, operator = _client("rita", "auditor"), _client("otto", "operator")
    assert auditor.get(_path()).status_code == 403
    assert auditor.get(_path("/messages")).status_code == 403
    assert _post(auditor, "/messages/replay").status_code == 403
    assert operator.get(_path()).status_code == 200
    assert _post(operator, "/messages/replay").json() == {"replayed": 0}
    assert _post(operator, f"/{hook}/rotate").status_code == 403
    assert operator.delete(_path(f"/{hook}")).status_code == 403
    answer = Client().get(_path(), headers={"Authorization": f"Bearer {world.key}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "person_needed")
    assert Client().get(_path()).status_code == 401
    assert dana.put(_path()).status_code == 405
