"""Agents, decisions and trials over the API: who may read what, and what it says."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from agents.models import Decision
from agents.services import resolutions
from reviewapp.core.accounts import actors, services
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World

pytestmark = pytest.mark.django_db


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def get(path: str, key: str, **query: str) -> Any:
    return Client().get(f"/api/v1/{path}", query, headers=bearer(key))


def personal(*roles: str, name: str = "ada", agent: Any = None) -> str:
    return serving.personal_key(serving.person(name, *roles, agent=agent), "read")


def test_agents__agents_key__sees_its_own_only() -> None:
    world = serving.world()
    serving.world(slug="other")
    (row,) = get("agents", world.key).json()
    assert (row["slug"], row["slot"]["live_version"], row["contract"]) == ("lending", 1, {"version": 1})


def test_agents__person__sees_what_roles_reach() -> None:
    world = serving.world()
    serving.world(slug="other")
    assert [row["slug"] for row in get("agents", personal("reviewer", agent=world.agent)).json()] == ["lending"]
    assert [row["slug"] for row in get("agents", personal("auditor", name="bob")).json()] == ["lending", "other"]
    assert get("agents", personal(name="eve")).json() == []


def test_agents__without_key__is_a_401() -> None:
    assert Client().get("/api/v1/agents").status_code == 401


def test_agent__detail__has_contract_and_slot() -> None:
    world = serving.world()
    body = get("agents/lending", world.key).json()
    assert body["contract"]["body"]["title"] == "Small loans"
    assert body["contract"]["digest"] == world.contract.digest
    assert body["slot"]["live_digest"] == world.artifact.pk


def test_agent__out_of_sight_or_unknown__is_the_same_404() -> None:
    world, other = serving.world(), serving.world(slug="other")
    hidden, unknown = get("agents/other", world.key), get("agents/nobody", world.key)
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.json() == unknown.json()
    assert other.key


@pytest.mark.parametrize("path", ["agents", "agents/lending", "agents/lending/decisions"])
def test_reads__key_without_scope__is_a_403(path: str) -> None:
    serving.world()
    account = services.create_service_account(name="odd", by=None)
    key, raw = services.issue_key(name="odd", scopes=["review"], service=account, by=None)
    type(key).objects.filter(pk=key.pk).update(scopes=[])
    assert get(path, raw).status_code == 403


def test_decision__read_later__is_the_same_with_its_resolution() -> None:
    world = serving.world()
    asked = Client().post(
        world.url, json.dumps({"input": UNSURE_INPUT}), content_type="application/json", headers=world.auth
    )
    first = asked.json()
    path = f"agents/lending/decisions/{first['id']}"
    assert get(path, world.key).json() == {**first, "resolution": None, "amendments": []}
    resolutions.resolve(decision_id=first["id"], output={"action": "decline"}, source="review", by=actors.SYSTEM)
    found = get(path, world.key).json()["resolution"]
    assert (found["output"], found["source"]) == ({"action": "decline"}, "review")


def test_decision__automatic__is_its_own_resolution() -> None:
    world = serving.world()
    row = decided(world)
    found = get(f"agents/lending/decisions/{row.pk}", world.key).json()["resolution"]
    assert (found["source"], found["output"]["action"]) == ("auto", "approve")


def test_decision__other_agents_or_bad_id__is_a_404() -> None:
    world, other = serving.world(), serving.world(slug="other")
    row = decided(other)
    for path in (
        f"agents/lending/decisions/{row.pk}",
        f"agents/other/decisions/{row.pk}",
        f"agents/lending/decisions/{uuid4()}",
    ):
        assert get(path, world.key).status_code == 404
    assert get("agents/lending/decisions/12", world.key).status_code == 404


def test_decision__wrong_verb__is_a_405() -> None:
    world = serving.world()
    row = decided(world)
    response = Client().delete(f"/api/v1/agents/lending/decisions/{row.pk}", headers=world.auth)
    assert response.status_code == 405
    assert response["Content-Type"].startswith("application/problem+json")


def test_decisions__listed__in_pages_without_gaps_or_repeats(settings: Any) -> None:
    settings.PAGE_SIZE = 3
    world = serving.world()
    made = [str(decided(world).pk) for _ in range(7)]
    seen, after = [], ""
    while True:
        page = get("agents/lending/decisions", world.key, **({"after": after} if after else {})).json()
        seen += [row["id"] for row in page["decisions"]]
        after = page["after"]
        if not after:
            break
    assert seen == made[::-1]


def test_decisions__filtered_by_status() -> None:
    world = serving.world()
    decided(world)
    flagged = decided(world, UNSURE_INPUT)
    rows = get("agents/lending/decisions", world.key, status="review").json()["decisions"]
    assert [row["id"] for row in rows] == [str(flagged.pk)]
    assert get("agents/lending/decisions", world.key, status="odd").status_code == 422
    assert get("agents/lending/decisions", world.key, after="odd").status_code == 422


def post_trial(world: World, body: Any, key: str | None = None) -> Any:
    return Client().post(
        f"/api/v1/agents/{world.agent.slug}/trials",
        json.dumps(body),
        content_type="application/json",
        headers=bearer(key or world.key),
    )


def test_trials__cases__are_answered_as_decisions_are_and_not_recorded() -> None:
    world = serving.world()
    body = post_trial(world, {"inputs": [GOOD_INPUT, UNSURE_INPUT]}).json()
    assert body["policy"] == {"version": 1, "digest": world.artifact.pk}
    assert [result["status"] for result in body["results"]] == ["auto", "review"]
    row = decided(world)
    assert body["results"][0]["output"] == row.output
    assert (body["results"][0]["score"], body["results"][0]["confidence"]) == (row.score, row.confidence)
    assert Decision.objects.count() == 1
    assert post_trial(world, {"inputs": [GOOD_INPUT, UNSURE_INPUT]}).json() == body


def test_trials__proposals__are_judged() -> None:
    world = serving.world(mode="propose")
    cases = [{"input": GOOD_INPUT, "proposal": {"output": {"action": action}}} for action in ("approve", "decline")]
    results = post_trial(world, {"cases": cases}).json()["results"]
    assert [result["status"] for result in results] == ["auto", "review"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "inputs"),
        ({"inputs": [], "cases": []}, "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [GOOD_INPUT] * 1001}, "inputs"),
        ({"inputs": [GOOD_INPUT, {**GOOD_INPUT, "amount": "x"}]}, "inputs[1].amount"),
        ({"cases": [{"input": {}}]}, "cases[0].input.purpose"),
        ({"cases": [3]}, "cases[0]"),
    ],
)
def test_trials__faulty_case__is_named(body: Any, path: str) -> None:
    response = post_trial(serving.world(), body)
    assert response.status_code == 422
    assert path in [fault["path"] for fault in response.json()["errors"]]


def test_trials__a_thousand_cases__are_answered_in_one_request() -> None:
    body = post_trial(serving.world(), {"inputs": [GOOD_INPUT] * 1000}).json()
    assert len(body["results"]) == 1000


def test_trials__other_agents_key_or_nobody__is_refused() -> None:
    world, other = serving.world(), serving.world(slug="other")
    assert post_trial(world, {"inputs": [GOOD_INPUT]}, other.key).status_code == 404
    assert post_trial(world, {"inputs": [GOOD_INPUT]}, personal(name="eve")).status_code == 404
    assert post_trial(world, {"inputs": [GOOD_INPUT]}, personal("auditor", name="bob")).status_code == 200
