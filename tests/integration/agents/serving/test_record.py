"""Record mode: what an agent did already is kept as it was, and judged for review."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Decision
from reviewapp.core import clock
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT, World

pytestmark = pytest.mark.django_db

DONE = {"output": {"action": "approve"}, "decided_at": "2026-01-31T09:30:00+01:00"}


def send(world: World, record: Any = None, **members: Any) -> Any:
    body = {"input": GOOD_INPUT, "record": DONE if record is None else record, **members}
    return Client().post(world.url, body, "application/json", headers=world.auth)


def paths(response: Any) -> set[str]:
    assert response.status_code == 422, response.content
    return {fault["path"] for fault in response.json()["errors"]}


def test_record__sure_case__is_kept_with_its_own_time_and_not_answered() -> None:
    world = serving.world()
    calls = [{"name": "lookup", "account": 7}]
    response = send(world, {**DONE, "model": "m-1", "prompt_id": "p-9", "tool_calls": calls})
    assert response.status_code == 201, response.content
    answer = response.json()
    assert (answer["mode"], answer["status"], answer["output"]) == ("record", "auto", {"action": "approve"})
    assert answer["decided_at"] == "2026-01-31T08:30:00Z"
    row = Decision.objects.get(pk=answer["id"])
    assert row.decided_at == datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
    assert row.proposal == {"output": {"action": "approve"}, "model": "m-1", "prompt_id": "p-9", "tool_calls": calls}
    assert row.trace["source"] == "record"
    assert row.confidence > 0.9


def test_record__policy_would_answer_otherwise__a_person_looks_and_the_output_stays() -> None:
    world = serving.world()
    answer = send(world, {**DONE, "output": {"action": "decline"}}).json()
    assert (answer["status"], answer["output"]) == ("review", {"action": "decline"})
    assert [reason["code"] for reason in answer["reasons"]] == ["low_confidence"]


@pytest.mark.parametrize(("action", "status"), [("approve", "review"), ("decline", "auto")])
def test_record__guardrail__asks_for_a_person_only_when_broken(action: str, status: str) -> None:
    world = serving.world()
    record = {**DONE, "output": {"action": action}}
    answer = send(world, record, input={**GOOD_INPUT, "duration": 100}).json()
    assert (answer["status"], answer["output"]) == (status, {"action": action})
    assert [reason["code"] for reason in answer["reasons"] if reason["code"] == "R-002"] == (
        ["R-002"] if status == "review" else []
    )


def test_record__sample_of_everything__is_seen_by_a_person() -> None:
    world = serving.world(policy={"autonomy": {"review_below": 0.5, "override_at": None, "sample_rate": 1}})
    answer = send(world).json()
    assert (answer["status"], answer["reasons"][0]["code"]) == ("review", "sampled")


def test_record__override_and_lateness__never_change_what_was_done() -> None:
    terms = {"review_below": 0.0, "override_at": 0.5, "sample_rate": 0}
    failure = {"on_timeout": {"do": "deny", "output": {"action": "decline"}}}
    world = serving.world(mode="propose", policy={"autonomy": terms}, latency_ms=1, failure=failure)
    answer = send(world, {**DONE, "output": {"action": "decline"}}).json()
    assert (answer["status"], answer["output"]) == ("auto", {"action": "decline"})
    assert not answer["reasons"]


def test_record__no_policy_live__is_kept_as_done() -> None:
    answer = send(serving.world(live=False)).json()
    assert (answer["status"], answer["output"], answer["arm"]) == ("auto", {"action": "approve"}, "fallback")


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ("approve", "record"),
        ({"output": {"action": "approve"}}, "record.decided_at"),
        ({**DONE, "decided_at": "yesterday"}, "record.decided_at"),
        ({**DONE, "decided_at": "2026-01-31T09:30:00"}, "record.decided_at"),
        ({**DONE, "decided_at": "0001-01-01T00:00:00+14:00"}, "record.decided_at"),
        ({**DONE, "decided_at": 7}, "record.decided_at"),
        ({"decided_at": DONE["decided_at"]}, "record.output"),
        ({**DONE, "output": {"action": "perhaps"}}, "record.output.action"),
        ({**DONE, "tool_calls": ["x"]}, "record.tool_calls"),
        ({**DONE, "note": "x"}, "record.note"),
    ],
)
def test_record__faulty__is_refused_by_path(record: Any, path: str) -> None:
    assert path in paths(send(serving.world(), record))


def test_record__in_the_future_or_beside_a_proposal__is_refused() -> None:
    world = serving.world()
    ahead = (clock.now() + timedelta(hours=1)).isoformat()
    assert paths(send(world, {**DONE, "decided_at": ahead})) == {"record.decided_at"}
    assert paths(send(world, proposal={"output": {"action": "approve"}})) == {"proposal"}


def test_record__page__says_that_it_was_done_already_and_by_what() -> None:
    world = serving.world()
    answer = send(world, {**DONE, "model": "m-1", "prompt_id": "p-9", "tool_calls": [{"name": "lookup"}]}).json()
    client = Client()
    client.force_login(serving.person("amina", "reviewer", agent=world.agent))
    page = client.get(f"/decisions/{answer['id']}/").content.decode()
    for words in ("recorded afterwards", "Recorded after the fact", "m-1", "p-9", "lookup", "nobody waited"):
        assert words in page


def test_decision__page__shows_the_time_taken_beside_the_bound() -> None:
    world = serving.world()
    client = Client()
    client.force_login(serving.person("amina", "reviewer", agent=world.agent))
    made = Client().post(world.url, {"input": GOOD_INPUT}, "application/json", headers=world.auth).json()
    assert "within the 5,000 ms that the contract allows" in client.get(f"/decisions/{made['id']}/").content.decode()
