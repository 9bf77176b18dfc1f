"""The pages of agents: who sees them, what they say, keys shown once."""

import json
import re
import shlex
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents.models import Slot
from agents.serving import deciding
from reviewapp.core import clock
from reviewapp.core.accounts import actors, keyring
from tests.factories import serving
from tests.factories.serving import World

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world() -> World:
    return serving.world()


def signed_in(*roles: str, agent: Any = None, name: str = "ada") -> Client:
    client = Client()
    client.force_login(serving.person(name, *roles, agent=agent))
    return client


def test_list__works__shows_what_is_live(world: World) -> None:
    page = signed_in("auditor").get("/agents/")
    assert page.status_code == 200
    assert "Lending" in page.text
    assert "Version 1" in page.text


def test_list__other_role__sees_only_its_agents(world: World) -> None:
    other = serving.world(slug="other")
    page = signed_in("reviewer", agent=other.agent).get("/agents/")
    assert "Other" in page.text
    assert "/agents/lending/" not in page.text


def test_list__no_role__says_what_to_do(world: World) -> None:
    assert "No agents for you yet" in signed_in().get("/agents/").text


def test_list__fragment__is_the_table_alone(world: World) -> None:
    page = signed_in("auditor").get("/agents/", headers=HTMX)
    assert "<html" not in page.text
    assert 'id="rows"' in page.text


def test_list__not_signed_in__goes_to_sign_in(world: World) -> None:
    assert Client().get("/agents/").status_code == 302


@pytest.mark.parametrize("path", ["/agents/", "/agents/lending/", "/decisions/"])
def test_pages__wrong_verb__is_a_405(world: World, path: str) -> None:
    assert signed_in("auditor").post(path).status_code == 405


def test_pages__take_few_queries(world: World, django_assert_max_num_queries: Any) -> None:
    for slug in ("a", "b", "c"):
        serving.world(slug=slug)
    client = signed_in("auditor")
    with django_assert_max_num_queries(14):
        client.get("/agents/")


def test_detail__works__says_the_contract_in_words(world: World) -> None:
    text = signed_in("reviewer", agent=world.agent).get("/agents/lending/").text
    for words in (
        "Whole number, 1 to 120 months",
        "Large loans are seen by a risk officer.",
        "Refuse at once: decline",
        "Income misread",
        "5000 ms",
        "Unknown fields are refused",
    ):
        assert words in text


def test_detail__other_role_or_bad_slug__is_a_404(world: World) -> None:
    other = serving.world(slug="other")
    client = signed_in("reviewer", agent=other.agent)
    assert client.get("/agents/lending/").status_code == 404
    assert client.get("/agents/nobody/").status_code == 404


def test_detail__nothing_live_or_no_contract__says_so() -> None:
    serving.world(live=False)
    client = signed_in("auditor")
    assert "No policy is live" in client.get("/agents/lending/").text
    serving.agents.register(slug="new", name="New", mode="decide", by=serving.actors.SYSTEM)
    assert "No contract yet" in client.get("/agents/new/").text


def test_detail__read_only_role__sees_no_keys(world: World) -> None:
    text = signed_in("auditor").get("/agents/lending/").text
    assert "Agent developers manage the keys" in text
    assert "Issue key" not in text
    assert "cs_" not in text


def test_detail__first_request__works_when_pasted(world: World) -> None:
    text = signed_in("auditor").get("/agents/lending/").context["curl"]
    words = shlex.split(text.replace("\\\n", " "))
    body = json.loads(words[words.index("-d") + 1])
    path = words[3].partition("127.0.0.1:8000")[2]
    answer = Client().post(path, json.dumps(body), content_type="application/json", headers=world.auth)
    assert answer.status_code == 201


def test_create_key__developer__sees_it_once_and_it_works(world: World) -> None:
    client = signed_in("agent_developer", agent=world.agent)
    page = client.post("/agents/lending/keys/", {"name": "production", "days": "30"}, headers=HTMX)
    assert page.status_code == 200
    assert "<html" not in page.text
    assert "no-store" in page["Cache-Control"]
    found = re.search(r'<code class="mono xs source" id="made">(cs_[^<]+)</code>', page.text)
    assert found
    raw = found.group(1)
    assert raw not in client.get("/agents/lending/").text
    answer = Client().get("/api/v1/agents/lending", headers={"Authorization": f"Bearer {raw}"})
    assert answer.status_code == 200


def test_create_key__without_script__answers_with_the_whole_page(world: World) -> None:
    page = signed_in("agent_developer", agent=world.agent).post("/agents/lending/keys/", {"name": "x", "days": ""})
    assert "<html" in page.text
    assert "Copy the key now" in page.text


@pytest.mark.parametrize("form", [{"name": " ", "days": "30"}, {"name": "x", "days": "31"}, {}])
def test_create_key__faulty_form__is_a_422_that_keeps_what_was_typed(world: World, form: dict[str, str]) -> None:
    page = signed_in("agent_developer", agent=world.agent).post("/agents/lending/keys/", form, headers=HTMX)
    assert page.status_code == 422
    assert "field__error" in page.text
    assert "Copy the key now" not in page.text


def test_keys__without_the_right__are_refused_with_a_page(world: World) -> None:
    (key,) = keyring.of_agent(world.agent.pk, now=clock.now())
    client = signed_in("auditor")
    for path in ("/agents/lending/keys/", f"/agents/lending/keys/{key.id}/revoke/"):
        page = client.post(path, {"name": "x"})
        assert page.status_code == 403
        assert "Your roles do not let you" in page.text
    assert keyring.of_agent(world.agent.pk, now=clock.now())[0].state == "active"


def test_keys__other_agents_developer__finds_nothing(world: World) -> None:
    other = serving.world(slug="other")
    client = signed_in("agent_developer", agent=other.agent)
    (key,) = keyring.of_agent(world.agent.pk, now=clock.now())
    assert client.post("/agents/lending/keys/", {"name": "x"}).status_code == 404
    assert client.post(f"/agents/other/keys/{key.id}/revoke/").status_code == 404


def test_revoke_key__developer__takes_it_at_once(world: World) -> None:
    client = signed_in("agent_developer", agent=world.agent)
    (key,) = keyring.of_agent(world.agent.pk, now=clock.now())
    page = client.post(f"/agents/lending/keys/{key.id}/revoke/", headers=HTMX)
    assert "Revoked" in page.text
    assert client.post(f"/agents/lending/keys/{key.id}/revoke/").status_code == 302
    assert Client().get("/api/v1/agents", headers=world.auth).status_code == 401


def test_keys__get__is_a_405(world: World) -> None:
    assert signed_in("agent_developer").get("/agents/lending/keys/").status_code == 405


def test_keys__forged_form__is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(serving.person("dev", "agent_developer"))
    assert client.post("/agents/lending/keys/", {"name": "x"}).status_code == 403


def test_detail__slot__says_until_when_it_is_signed(world: World) -> None:
    page = signed_in("auditor").get("/agents/lending/")
    assert "Signed until" in page.text
    assert "Processes refuse" not in page.text


def test_detail__slot_that_nobody_signed__says_why_processes_refuse_it(world: World) -> None:
    Slot.objects.filter(pk=world.agent.pk).update(serial=9, stable_version=9)
    page = signed_in("auditor").get("/agents/lending/")
    assert "Processes refuse what this slot says" in page.text
    assert "serial 1, and 9 was there before" in page.text


def test_detail__slot_run_out__says_so(world: World) -> None:
    client = signed_in("auditor")
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert "the statement ran out at" in client.get("/agents/lending/").text


def test_detail__answer_times__stand_beside_the_bound_and_late_ones_are_counted() -> None:
    world = serving.world(latency_ms=400)
    client = Client()
    client.force_login(serving.person("otto", "operator", agent=world.agent))
    assert "Answer times" not in client.get("/agents/lending/").content.decode()
    live = deciding.find("lending")
    for began in (time.perf_counter(), time.perf_counter() - 1):
        deciding.decide(live=live, body={"input": serving.GOOD_INPUT}, began=began, by=actors.SYSTEM)
    page = client.get("/agents/lending/").content.decode()
    for words in ("Answer times", "The newest 2 answers", "400 ms", "1, 50"):
        assert words in page, words
