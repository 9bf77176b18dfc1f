"""Backpressure: what is answered when people have as many cases before them as the contract allows."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Decision
from agents.serving import capacity
from agents.serving.capacity import Backlog
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgotten():
    capacity.known.clear()
    yield
    capacity.known.clear()


def limited(**terms: Any) -> World:
    return serving.world(review_capacity={"open_max": 1, **terms})


def ask(world: World, document: dict[str, Any], **members: Any) -> Any:
    body = json.dumps({"input": document, **members})
    return Client().post(world.url, body, "application/json", headers=world.auth)


def test_capacity__refuse__answers_429_and_lets_sure_ones_pass() -> None:
    world = limited(then="refuse")
    assert ask(world, UNSURE_INPUT).status_code == 201
    refused = ask(world, UNSURE_INPUT)
    assert (refused.status_code, refused["Retry-After"]) == (429, "30")
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "review_capacity"
    assert ask(world, GOOD_INPUT).json()["status"] == "auto"
    assert Decision.objects.count() == 2


def test_capacity__fallback__answers_with_the_declared_output() -> None:
    world = limited(then="fallback", output={"action": "decline"})
    ask(world, UNSURE_INPUT)
    answer = ask(world, UNSURE_INPUT).json()
    assert (answer["status"], answer["output"], answer["arm"]) == ("auto", {"action": "decline"}, "fallback")
    assert "review_capacity" in [reason["code"] for reason in answer["reasons"]]


def test_capacity__review__waits_and_says_so() -> None:
    world = limited(then="review")
    ask(world, UNSURE_INPUT)
    answer = ask(world, UNSURE_INPUT).json()
    assert answer["status"] == "review"
    assert answer["reasons"][-1]["code"] == "review_capacity"


def test_capacity__batch__refuses_line_by_line() -> None:
    world = limited(then="refuse")
    cases = [{"input": UNSURE_INPUT, "idempotency_key": key} for key in ("a", "b", "b")] + [{"input": GOOD_INPUT}]
    body = "\n".join(json.dumps(case) for case in cases)
    answer = Client().post(f"{world.url}/batch", body, "application/x-ndjson", headers=world.auth)
    results = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [result["status"] for result in results] == [201, 429, 429, 201]


def test_capacity__many_flagged__counts_once_a_second() -> None:
    world = limited(then="refuse")
    ask(world, UNSURE_INPUT)
    with CaptureQueriesContext(connection) as asked:
        ask(world, UNSURE_INPUT)
    assert not [query for query in asked if "opendecision" in query["sql"]]


def test_backlog__read_again_after_a_second__sees_what_was_settled() -> None:
    moments, counts = iter([0.0, 0.5, 1.0]), iter([5, 4])
    held = Backlog(lambda agent_id, most: next(counts), lambda: next(moments))
    agent_id = uuid4()
    assert [held.full(agent_id, 5) for _ in range(3)] == [True, True, False]


def test_unknown_fields__drop__are_left_out_and_counted_on_the_decision() -> None:
    world = serving.world(unknown_fields="drop")
    answer = ask(world, {**GOOD_INPUT, "colour": "red", "size": 3})
    assert answer.status_code == 201
    row = Decision.objects.get()
    assert "colour" not in row.input
    assert row.trace["dropped"] == {"count": 2, "fields": ["colour", "size"]}


def test_unknown_fields__deeply_nested__is_no_fault_of_ours() -> None:
    world = serving.world(unknown_fields="drop")
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert ask(world, {**GOOD_INPUT, "tags": deep}).status_code == 422


def test_capacity__asked_again_with_a_key_that_has_its_answer__is_repeated() -> None:
    world = limited(then="refuse")
    body = json.dumps({"input": UNSURE_INPUT})
    headers = {**world.auth, "Idempotency-Key": "k-1"}
    first = Client().post(world.url, body, "application/json", headers=headers)
    again = Client().post(world.url, body, "application/json", headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    refused = Client().post(world.url, body, "application/json", headers={**world.auth, "Idempotency-Key": "k-2"})
    assert refused.status_code == 429
    assert not Decision.objects.filter(idempotency_key="k-2").exists()


def test_capacity__must_be_escalated__is_never_answered_by_the_fallback() -> None:
    world = limited(then="fallback", output={"action": "approve"})
    ask(world, UNSURE_INPUT)
    risky = {"purpose": "car", "duration": 6, "amount": 90_000.0, "savings": 5000.0}
    assert ask(world, risky).json()["status"] == "escalate"
