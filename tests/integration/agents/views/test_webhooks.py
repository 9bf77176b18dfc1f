"""The page of an agent's webhooks."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from agents.models import WebhookDelivery, WebhookEndpoint
from agents.services import resolutions, webhooks
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from tests.factories import feedback, serving
from tests.factories.serving import World, person

pytestmark = pytest.mark.django_db
URL = "https://hooks.example/countersign"


def _client(*roles: str, name: str = "dana", agent: Any = None) -> Client:
    client = Client()
    client.force_login(person(name, *roles, agent=agent))
    return client


@pytest.fixture
def world() -> World:
    return serving.world()


def _path(rest: str = "", slug: str = "lending") -> str:
    return f"/agents/{slug}/webhooks/{rest}"


def test_add__good_address__secret_is_shown_once(world: World) -> None:
    client = _client("agent_developer")
    answer = client.post(_path("add/"), {"url": URL, "description": "Core banking"})
    assert answer.status_code == 200
    assert b"whsec_" in answer.content
    assert answer["Cache-Control"] == "no-store"
    page = client.get(_path()).content.decode()
    assert URL in page
    assert "whsec_" not in page


def test_add__bad_or_known_address__is_told_at_the_field(world: World) -> None:
    client = _client("agent_developer")
    client.post(_path("add/"), {"url": URL})
    for url in ("http://hooks.example", URL):
        answer = client.post(_path("add/"), {"url": url}, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert b"hook-url-e" in answer.content
        assert b"<html" not in answer.content


@pytest.mark.parametrize("act", ["rotate", "pause", "resume", "test", "remove"])
def test_acts__work_for_developers_and_only_on_their_agent(world: World, act: str) -> None:
    serving.world(slug="other")
    client = _client("agent_developer")
    client.post(_path("add/"), {"url": URL})
    endpoint = WebhookEndpoint.objects.get()
    assert client.post(_path(f"{endpoint.pk}/{act}/", slug="other")).status_code == 404
    assert client.post(_path(f"{uuid4()}/{act}/")).status_code == 404
    assert client.get(_path(f"{endpoint.pk}/{act}/")).status_code == 405
    for role, status in [("auditor", 403), ("operator", 403)]:
        assert _client(role, name=role).post(_path(f"{endpoint.pk}/{act}/")).status_code == status
    assert client.post(_path(f"{endpoint.pk}/{act}/")).status_code in {200, 302}


def test_replay__of_what_was_given_up__by_an_operator(world: World) -> None:
    dana = person("dana", "agent_developer")
    endpoint, _ = webhooks.add(agent_id=world.agent.pk, url=URL, by=dana)
    message = webhooks.test(endpoint_id=endpoint.pk, by=dana)
    WebhookDelivery.objects.update(state="dead", closed_at=clock.now(), last_error="HTTP 500")
    operator = _client("operator", name="otto")
    assert b"HTTP 500" in operator.get(_path()).content
    answer = operator.post(_path(f"messages/{message.pk}/replay/"), headers={"HX-Request": "true"})
    assert b"Nothing was given up" in answer.content
    assert operator.post(_path(f"messages/{uuid4()}/replay/")).status_code == 404


def test_page__reviewer_sees_no_address_and_strangers_nothing(world: World) -> None:
    webhooks.add(agent_id=world.agent.pk, url=URL, by=person("dana", "agent_developer"))
    reviewer = _client("reviewer", name="rita").get(_path())
    assert reviewer.status_code == 200
    assert URL.encode() not in reviewer.content
    assert _client(name="nina").get(_path()).status_code == 404


def test_remove__address_goes_and_can_be_added_again(world: World) -> None:
    client = _client("agent_developer")
    client.post(_path("add/"), {"url": URL})
    first = WebhookEndpoint.objects.get()
    answer = client.post(_path(f"{first.pk}/remove/"), headers={"HX-Request": "true"})
    assert URL not in answer.content.decode()
    assert client.post(_path(f"{first.pk}/rotate/")).status_code == 404
    assert client.post(_path("add/"), {"url": URL}).status_code == 200
    assert WebhookEndpoint.objects.exclude(state="removed").count() == 1


def test_replay_all__by_an_operator__sends_everything_again_but_not_for_a_reader(world: World) -> None:
    dana = person("dana", "agent_developer")
    endpoint, _ = webhooks.add(agent_id=world.agent.pk, url=URL, by=dana)
    for _ in range(3):
        webhooks.test(endpoint_id=endpoint.pk, by=dana)
    WebhookDelivery.objects.update(state="dead", closed_at=clock.now(), last_error="HTTP 500")
    assert _client("auditor", name="rita").post(_path("replay/")).status_code == 403
    operator = _client("operator", name="otto")
    assert operator.get(_path("replay/")).status_code == 405
    assert operator.post(_path("replay/", slug="nothing")).status_code == 404
    assert operator.post(_path("replay/")).status_code == 302
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"pending"}


def test_messages__in_pages_by_state__for_who_operates_the_agent(world: World, settings: Any) -> None:
    settings.PAGE_SIZE = 2
    dana = person("dana", "agent_developer")
    endpoint, _ = webhooks.add(agent_id=world.agent.pk, url=URL, by=dana)
    oldest, _, _ = (webhooks.test(endpoint_id=endpoint.pk, by=dana) for _ in range(3))
    WebhookDelivery.objects.filter(pk=oldest.pk).update(state="dead", closed_at=clock.now(), last_error="HTTP 502")
    client = _client("operator", name="otto")
    first = client.get(_path("messages/")).content.decode()
    assert "HTTP 502" not in first
    assert "Older" in first
    dead = client.get(_path("messages/?state=dead"), headers={"HX-Request": "true"}).content.decode()
    assert "HTTP 502" in dead
    assert "<html" not in dead
    assert client.get(_path("messages/?state=odd&after=odd")).status_code == 200
    assert client.get(_path("messages/", slug="nothing")).status_code == 404
    assert client.post(_path("messages/")).status_code == 405
    assert _client("auditor", name="rita").get(_path("messages/")).status_code == 403
    assert _client(name="nina").get(_path("messages/")).status_code == 404


def test_messages__about_a_decision__lead_to_it() -> None:
    room = feedback.room()
    agent = room.world.agent
    webhooks.add(agent_id=agent.pk, url=URL, by=person("dana", "agent_developer"))
    decision = feedback.flagged(room)
    resolutions.resolve(decision_id=decision.pk, output={"action": "decline"}, source="review", by=actors.SYSTEM)
    feedback.hand_on()
    client = _client("operator", name="otto")
    for path in (_path(slug=agent.slug), _path("messages/", slug=agent.slug)):
        assert f'href="/decisions/{decision.pk}/"' in client.get(path).content.decode()
    (told,) = client.get(f"/api/v1/agents/{agent.slug}/webhooks/messages").json()["messages"]
    assert (told["decision"], told["type"]) == (str(decision.pk), "countersign.decision.resolved")
