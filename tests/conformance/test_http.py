"""The wire itself, without the SDK: what a program in any language has to send and gets back from the real product."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from agents.services import resolutions
from corrections.models import Task
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict
from tests.conformance.conftest import Product, reviewer_corrects
from tests.factories import feedback, serving
from tests.factories.feedback import WORDS, Room
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT

pytestmark = pytest.mark.django_db(transaction=True)

DECISIONS = "/api/v1/agents/lending/decisions"


@pytest.fixture
def room(product: Product) -> Room:
    return feedback.room()


@pytest.fixture
def wire(product: Product, room: Room) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=product.url, headers=room.world.auth, timeout=30) as client:
        yield client


def ask(wire: httpx.Client, case: dict[str, Any], *, key: str = "", **members: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return wire.post(DECISIONS, json={"input": case, **members}, headers=headers)


def settle(decision_id: str) -> None:
    resolutions.resolve(decision_id=decision_id, output={"action": "decline"}, source="review", by=actors.SYSTEM)


def test_decide__sure__is_answered_at_once_and_the_poll_has_it_too(wire: httpx.Client) -> None:
    answer = ask(wire, GOOD_INPUT, case_ref="A-1")
    decision = answer.json()
    assert (answer.status_code, decision["status"], decision["output"]["action"]) == (201, "auto", "approve")
    assert answer.headers["Location"] == decision["links"]["self"]
    polled = wire.get(decision["links"]["wait"], params={"wait": "0"})
    assert (polled.status_code, polled.json()["source"]) == (200, "auto")


def test_decide__unsure__is_flagged_and_a_reviewers_correction_ends_the_long_poll(
    wire: httpx.Client, room: Room
) -> None:
    decision = ask(wire, UNSURE_INPUT).json()
    assert decision["status"] == "review"
    assert wire.get(decision["links"]["wait"], params={"wait": "0"}).status_code == 204
    told: list[httpx.Response] = []
    waiting = threading.Thread(
        target=lambda: told.append(
            httpx.get(decision["links"]["wait"], params={"wait": "20"}, headers=room.world.auth, timeout=30)
        )
    )
    waiting.start()
    reviewer_corrects(room)
    waiting.join(25)
    (answer,) = told
    assert (answer.status_code, answer.json()["output"], answer.json()["source"]) == (
        200,
        {"action": "decline"},
        "review",
    )
    assert wire.get(decision["links"]["self"]).json()["resolution"]["output"] == {"action": "decline"}


def test_decide__key_again__same_body_is_the_same_decision_and_another_body_a_409_that_names_it(
    wire: httpx.Client,
) -> None:
    first = ask(wire, UNSURE_INPUT, key="k")
    again = ask(wire, UNSURE_INPUT, key="k")
    other = ask(wire, GOOD_INPUT, key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert other.json()["decision"] == first.json()["id"]


def test_decide__faulty_case__is_a_problem_that_names_the_fields(wire: httpx.Client) -> None:
    refused = ask(wire, {"purpose": "boat"})
    assert (refused.status_code, refused.headers["Content-Type"]) == (422, "application/problem+json")
    assert "input.purpose" in {fault["path"] for fault in refused.json()["errors"]}


def test_decide__no_key_or_anothers__is_refused(wire: httpx.Client, product: Product) -> None:
    other = serving.world(slug="other")
    assert httpx.post(product.url + DECISIONS, json={"input": GOOD_INPUT}).status_code == 401
    assert httpx.post(product.url + DECISIONS, json={"input": GOOD_INPUT}, headers=other.auth).status_code in {403, 404}


def test_batch__good_and_bad_lines__a_result_each(room: Room) -> None:
    lines = b"\n".join(json.dumps({"input": case}).encode() for case in (GOOD_INPUT, {"purpose": "boat"}))
    # Results are written as they are made, which the server of the other processes does and this one's does not.
    transport = httpx.WSGITransport(app=get_wsgi_application())
    with httpx.Client(base_url="http://127.0.0.1", headers=room.world.auth, transport=transport) as wire:
        answer = wire.post(f"{DECISIONS}/batch", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [201, 422]


def events(wire: httpx.Client, count: int, *, last: str) -> list[dict[str, str]]:
    """Read `count` events off the agent's stream, from the one after `last`."""
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    with wire.stream("GET", "/live/v1/agents/lending/events", headers={"Last-Event-ID": last}) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if line and name:
                event[name] = value
            elif "data" in event:
                found.append(event)
                event = {}
                if len(found) == count:
                    break
    return found


def test_stream__connection_lost__goes_on_after_the_last_id_and_misses_nothing(wire: httpx.Client) -> None:
    asked = [ask(wire, {**UNSURE_INPUT, "amount": 900.0 + number}).json()["id"] for number in range(3)]
    settle(asked[0])
    (first,) = events(wire, 1, last="00000000-0000-7000-8000-000000000000")
    # While nobody listens:
    settle(asked[1])
    settle(asked[2])
    seen: dict[str, str] = {}
    until = time.monotonic() + 10
    while set(asked[1:]) - set(seen.values()) and time.monotonic() < until:
        # At least once: answers of the last seconds may come again, with the same id.
        seen |= {event["id"]: json.loads(event["data"])["decision"] for event in events(wire, 2, last=first["id"])}
    assert {*asked[1:]} <= {*seen.values()} <= {*asked}
    assert len(seen) == len({*seen.values()})


def test_answer__is_given_once__a_second_and_different_one_is_a_409(
    wire: httpx.Client, room: Room, product: Product
) -> None:
    decision = ask(wire, UNSURE_INPUT).json()
    feedback.hand_on()
    task = Task.objects.get()
    reviewer = serving.person("amina", "reviewer")
    auth = {"Authorization": f"Bearer {serving.personal_key(reviewer, 'review')}"}
    with httpx.Client(base_url=f"{product.url}/api/v1/tasks/{task.pk}/", headers=auth, timeout=30) as desk:
        entry = {
            "verdict": "correct",
            "reason_code": "income",
            "justification": WORDS,
            "evidence": ["/duration"],
            "confidence": 4,
            "token": desk.post("claim").json()["token"],
        }
        first = desk.post("corrections", json={**entry, "output": feedback.other(task.decision)})
        assert first.status_code in {200, 201}, first.text
        second = desk.post("corrections", json={**entry, "output": {"action": "approve", "limit": 1.0}})
    assert second.status_code == 409
    feedback.hand_on()
    kept = wire.get(decision["links"]["wait"], params={"wait": "5"}).json()
    assert kept["output"] == feedback.other(task.decision)
    with pytest.raises(Conflict) as refused:
        resolutions.resolve(
            decision_id=decision["id"], output={"action": "approve", "limit": 1.0}, source="review", by=actors.SYSTEM
        )
    assert (refused.value.status, refused.value.extra["resolution"]["output"]) == (409, kept["output"])
