"""Many decisions from one request: a result for every line, whatever is wrong with its neighbours."""

import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from agents.models import Decision
from agents.services import decisions
from agents.serving import batch
from reviewapp.core.events.models import Event, OutboxEntry
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["reviewapp.urls", "reviewapp.urls_decide"], autouse=True)
def _in_both_processes(request: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = request.param


def send(world: World, *lines: Any, **headers: str) -> Any:
    raw = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return Client().post(f"{world.url}/batch", raw, "application/x-ndjson", headers={**world.auth, **headers})


def results(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.getvalue().splitlines()]


def test_batch_and_single__trace__is_kept_short_and_read_whole() -> None:
    world = serving.world()
    one = results(send(world, {"input": GOOD_INPUT}))[0]["decision"]
    other = Client().post(world.url, {"input": GOOD_INPUT}, "application/json", headers=world.auth).json()

    for answer in (one, other):
        row = Decision.objects.get(pk=answer["id"])
        assert row.trace["explanation"] == answer["explanation"]
        assert {line["result"] for line in row.trace["rules"]} == {"false"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT trace -> 'rules' -> 0 FROM agents_decision WHERE id = %s", [row.pk])
            assert len(json.loads(cursor.fetchone()[0])) == 3


def test_batch__good_lines__are_decided_in_order_with_events_for_the_flagged() -> None:
    world = serving.world()
    found = results(send(world, {"input": GOOD_INPUT, "case_ref": "tab\there"}, {"input": UNSURE_INPUT}))
    assert [(one["line"], one["status"], one["decision"]["status"]) for one in found] == [
        (1, 201, "auto"),
        (2, 201, "review"),
    ]
    row = Decision.objects.get(pk=found[0]["decision"]["id"])
    assert (row.case_ref, row.output, row.input["employed"]) == (
        "tab\there",
        {"action": "approve", "limit": 900.0},
        True,
    )
    event = Event.objects.get(type="decision.flagged")
    assert event.subject_id == found[1]["decision"]["id"]
    assert OutboxEntry.objects.filter(event=event).exists()


def test_batch__line__is_answered_as_a_request_of_its_own_would_be() -> None:
    world = serving.world()
    line = results(send(world, {"input": GOOD_INPUT, "unit": "u"}))[0]["decision"]
    body = json.dumps({"input": GOOD_INPUT, "unit": "u"})
    alone = Client().post(world.url, body, "application/json", headers=world.auth).json()
    for answer in (line, alone):
        del answer["id"], answer["decided_at"], answer["links"]
    assert line == alone


def test_batch__bad_lines__get_their_problems_and_stop_nothing(settings: Any) -> None:
    settings.DECISION_MAX_BYTES = 500
    world = serving.world()
    found = results(
        send(
            world,
            {"input": {**GOOD_INPUT, "duration": 0}},
            b"{nonsense",
            b"",
            {"input": GOOD_INPUT},
            b"[]",
            {"input": {**GOOD_INPUT, "note": "x" * 600}},
            {"input": GOOD_INPUT, "idempotency_key": 7},
            {"input": GOOD_INPUT, "idempotency_key": ""},
        )
    )
    assert [(one["line"], one["status"]) for one in found] == [
        (1, 422),
        (2, 400),
        (4, 201),
        (5, 400),
        (6, 413),
        (7, 422),
        (8, 422),
    ]
    assert found[0]["problem"]["errors"][0]["path"] == "input.duration"
    assert found[5]["problem"]["errors"][0]["path"] == "idempotency_key"
    assert all(one["problem"]["detail"] for one in found if "problem" in one)
    assert Decision.objects.count() == 1


def test_batch__same_keys__are_one_decision_each_and_another_body_is_a_conflict(settings: Any) -> None:
    settings.BATCH_CHUNK = 2
    world = serving.world()
    one = {"input": GOOD_INPUT, "idempotency_key": "k-1"}
    other = {"input": UNSURE_INPUT, "idempotency_key": "k-1"}
    found = results(send(world, one, one, other, {"input": GOOD_INPUT, "idempotency_key": "k-2"}, one))
    assert [line["status"] for line in found] == [201, 200, 409, 201, 200]
    assert found[0]["decision"] == found[1]["decision"] == found[4]["decision"]
    assert found[2]["problem"]["code"] == "idempotency_key_reused"
    assert [line["status"] for line in results(send(world, one))] == [200]


def test_batch__key_taken_by_another_request_meanwhile__repeats_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = serving.world()
    line = {"input": GOOD_INPUT, "idempotency_key": "k-1"}
    first = results(send(world, line))[0]["decision"]
    find, blind = batch.answers.find_by_keys, [True]

    def late(agent_id: Any, keys: Any) -> Any:
        return {} if blind.pop() else find(agent_id, keys)

    blind[:] = [False, True]
    monkeypatch.setattr(batch.answers, "find_by_keys", late)
    found = results(send(world, line, {"input": UNSURE_INPUT}))
    assert [one["status"] for one in found] == [200, 201]
    assert found[0]["decision"]["id"] == first["id"]
    assert Decision.objects.count() == 2


def test_batch__keys_never_settle__asks_for_the_line_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(**_: Any) -> Any:
        raise decisions.KeyTaken

    monkeypatch.setattr(batch.decisions, "record_all", taken)
    found = results(send(serving.world(), {"input": GOOD_INPUT, "idempotency_key": "k-1"}, b"{"))
    assert [(one["status"], one["problem"]["code"]) for one in found] == [(409, "key_busy"), (400, "bad_json")]


def test_batch__something_of_ours_fails_midway__its_lines_get_500_and_the_others_are_decided(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.BATCH_CHUNK = 1
    real, told = decisions.record_all, []

    def record_all(**members: Any) -> None:
        told.append(1)
        if len(told) == 2:
            raise RuntimeError("something of ours")
        real(**members)

    monkeypatch.setattr(decisions, "record_all", record_all)
    found = results(send(serving.world(), *[{"input": GOOD_INPUT}] * 3))

    assert [one["status"] for one in found] == [201, 500, 201]
    assert found[1]["problem"]["code"] == "internal"
    assert "something of ours" not in found[1]["problem"]["detail"]
    assert found[1]["problem"]["detail"].split()[-1].rstrip(".") in caplog.text
    assert Decision.objects.count() == 2


def test_batch__database_goes_away_midway__later_lines_get_503_and_may_be_sent_again(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.BATCH_CHUNK = 1
    record, calls = decisions.record_all, []

    def once(**given: Any) -> Any:
        calls.append(given)
        if len(calls) > 1:
            raise OperationalError("gone")
        return record(**given)

    monkeypatch.setattr(batch.decisions, "record_all", once)
    found = results(send(serving.world(), {"input": GOOD_INPUT}, {"input": GOOD_INPUT}))
    assert [one["status"] for one in found] == [201, 503]
    assert found[1]["problem"]["retry_after"] > 0


def test_batch__too_long_too_large_or_empty__is_refused_whole(settings: Any) -> None:
    world = serving.world()
    settings.BATCH_MAX_LINES = 1
    assert send(world, {"input": GOOD_INPUT}, {"input": GOOD_INPUT}).status_code == 413
    settings.BATCH_MAX_BYTES = 10
    assert send(world, {"input": GOOD_INPUT}).status_code == 413
    assert send(world, b"", b"").status_code == 422
    assert not Decision.objects.exists()


def test_batch__without_right_key_agent_or_contract__is_refused_before_any_line() -> None:
    world = serving.world()
    other = serving.world(slug="other")
    line = {"input": GOOD_INPUT}
    assert send(world, line, Authorization="").status_code == 401
    assert send(world, line, Authorization=f"Bearer {other.key}").status_code == 403
    assert Client().post("/api/v1/agents/none/decisions/batch", b"{}", "x/y", headers=world.auth).status_code == 404
    assert Client().get(f"{world.url}/batch", headers=world.auth).status_code == 405
