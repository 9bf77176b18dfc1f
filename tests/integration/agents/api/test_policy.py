"""The live policy in words, and its exemplars, as an agent's program reads them."""

from typing import Any

import pytest
from django.test import Client

from agents.services import slots
from reviewapp.core.accounts import actors
from tests.factories import serving
from tests.factories.serving import World

pytestmark = pytest.mark.django_db

EXEMPLARS = [
    {
        "source": "c-1",
        "input": {"purpose": "car", "duration": 12, "amount": 900.0, "age": 61},
        "output": {"action": "approve"},
        "reading": "People agreed: approve.",
    },
    {
        "source": "c-2",
        "input": {"purpose": "repairs", "duration": 60, "amount": 9000.0, "age": 30},
        "output": {"action": "decline"},
        "reading": "People answered decline, the agent approve.",
    },
]


def get(world: World, path: str, key: str = "", tag: str = "", **query: Any) -> Any:
    headers = {"Authorization": f"Bearer {key or world.key}", **({"If-None-Match": tag} if tag else {})}
    return Client().get(f"/api/v1/agents/{world.agent.slug}/{path}", query, headers=headers)


@pytest.fixture
def world() -> World:
    return serving.world(policy={"guidance": "Be kind and exact.", "exemplars": EXEMPLARS})


def test_policy__live__says_guidance_rules_thresholds_and_form(world):
    body = get(world, "policy").json()

    assert body["policy"] == {"version": 1, "digest": world.artifact.pk}
    assert body["contract"] == {"version": 1, "digest": world.contract.digest, "title": "Small loans"}
    assert body["guidance"] == "Be kind and exact."
    assert {rule["id"]: rule["kind"] for rule in body["rules"]}["E-0001"] == "exception"
    assert {rule["kind"] for rule in body["rules"]} >= {"guardrail", "exception"}
    assert body["thresholds"] == {"review_below": 0.7, "override_at": None, "sample_rate": 0}
    assert body["answer"]["action_field"] == "action"
    assert {"approve", "decline"} <= set(body["answer"]["actions"])
    assert body["exemplars"] == 2
    for line in ("Be kind and exact.", "R-002", "Loans beyond eight years are declined", "Below 0.70 a person looks"):
        assert line in body["text"]


def test_policy__asked_again__is_a_304_until_the_slot_moves(world):
    first = get(world, "policy")
    tag = first["ETag"]

    again = get(world, "policy", tag=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert tag.startswith('"sha256:')
    assert get(world, "policy", tag=f'"other", W/{tag}').status_code == 304
    assert get(world, "policy", tag='"other"').status_code == 200

    other = serving.store(world.agent, guidance="Be brief.")
    slots.switch(agent_id=world.agent.pk, stable=(other.pk, 2), by=actors.SYSTEM)
    changed = get(world, "policy", tag=tag)
    assert (changed.status_code, changed.json()["guidance"]) == (200, "Be brief.")
    assert changed["ETag"] != tag


def test_policy__nothing_live__still_says_the_contracts_rules():
    body = get(serving.world(live=False), "policy").json()

    assert (body["policy"], body["thresholds"], body["guidance"]) == (None, None, "")
    assert {rule["kind"] for rule in body["rules"]} <= {"contract"}


@pytest.mark.parametrize("path", ["policy", "exemplars"])
def test_reads__other_agents_or_nobody__refused(world, path):
    other = serving.world(slug="other")

    assert get(world, path, other.key).status_code == 404
    assert get(world, path, "cs_odd").status_code == 401
    assert Client().post(f"/api/v1/agents/lending/{path}", headers=world.auth).status_code == 405
    auditor = serving.personal_key(serving.person("bob", "auditor"), "read")
    assert get(world, path, auditor).status_code == 200


def test_exemplars__for_a_case__nearest_first_without_sensitive_inputs(world):
    body = get(world, "exemplars", **{"for": '{"amount": 8000, "duration": 48}'}).json()

    assert [one["source"] for one in body["exemplars"]] == ["c-2", "c-1"]
    assert body["exemplars"][0]["output"] == {"action": "decline"}
    assert all("age" not in one["input"] for one in body["exemplars"])
    assert body["policy"]["digest"] == world.artifact.pk


def test_exemplars__by_a_sensitive_field__finds_nothing_out(world):
    body = get(world, "exemplars", **{"for": "/age=61"}).json()

    assert {one["similarity"] for one in body["exemplars"]} == {0.0}


def test_exemplars__limit_and_tag__are_kept(world):
    first = get(world, "exemplars", limit="1")

    assert [one["source"] for one in first.json()["exemplars"]] == ["c-1"]
    assert get(world, "exemplars", tag=first["ETag"], limit="1").status_code == 304


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "51"}, {"limit": "x"}, {"for": "/age"}, {"for": "{}"}])
def test_exemplars__odd_question__is_a_422_at_the_parameter(world, query):
    answer = get(world, "exemplars", **query)

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == list(query)
