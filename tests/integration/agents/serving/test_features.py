"""Decisions with features: fresh ones decide, old and missing ones answer by contract, and Redis may stop."""

import json
import shutil
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Decision
from agents.runtime import decide as runtime
from agents.selectors import contracts as contract_selector
from agents.selectors import online, policies
from agents.services import contracts
from agents.services import features as views
from agents.services import online as mirror
from agents.serving import features
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid
from reviewapp.ops import places
from reviewapp.ops.embedded import Embedded
from tests.factories import serving
from tests.factories.agents import LENDING, contract_body
from tests.factories.features import VIEW, row, send, view
from tests.plugin import open_directory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_store")]

USE = {"view": "applicant", "version": 1, "entity": "/input/applicant_id", "prefix": "known_"}
FIELDS = {
    "applicant_id": {"type": "string", "title": "Applicant"},
    "known_income": {"type": ["number", "null"], "minimum": 0, "title": "Income", "x-class": "personal"},
    "known_loans": {"type": "integer", "title": "Loans"},
}
INPUT = {**serving.GOOD_INPUT, "applicant_id": "a-1"}


def terms(**changes: Any) -> dict[str, Any]:
    """What the contract has beyond the lending one."""
    schema = {**LENDING["input_schema"], "properties": {**LENDING["input_schema"]["properties"], **FIELDS}}
    return {"input_schema": schema, "features": [USE], **changes}


class Room:
    """An agent whose contract reads a view."""

    def __init__(self, **changes: Any) -> None:
        # Terms that the next version may not loosen are there from the beginning.
        first = {name: changes[name] for name in ("failure", "latency_ms") if name in changes}
        self.world = serving.world(slug="lending", live=False, **first)
        self.view = view(self.world.agent)
        body = contract_body(agent="lending", **terms(**changes))
        del body["version"]
        contracts.publish(agent_id=self.world.agent.pk, body=body, by=actors.SYSTEM)
        self.artifact = serving.store(self.world.agent, **self.policy())
        serving.slots.switch(agent_id=self.world.agent.pk, stable=(self.artifact.pk, 1), by=actors.SYSTEM)

    def policy(self) -> dict[str, Any]:
        return {
            "guardrails": [
                {
                    "id": "F-1",
                    "title": "Income is known to be high",
                    "when": "has(input.known_income) && input.known_income > 5000.0",
                    "action": "output",
                    "output": {"action": "approve"},
                    "text": "A high income is approved.",
                }
            ]
        }

    def post(self, document: dict[str, Any] | None = None):
        body = json.dumps({"input": INPUT if document is None else document})
        return Client().post(self.world.url, body, "application/json", headers=self.world.auth)

    def ask(self, document: dict[str, Any] | None = None) -> Decision:
        answer = self.post(document)
        assert answer.status_code == 201, answer.content
        return Decision.objects.get(pk=answer.json()["id"])


@pytest.fixture
def make():
    return Room


def test_decision__fresh_features__decide_and_stand_on_the_decision(make):
    room = make()
    send(room.view, row(income=6000.0, loans=1))

    made = room.ask()

    assert made.status == "auto"
    assert made.input["known_income"] == 6000.0
    assert made.trace["source"] == "guardrail"
    (read,) = made.trace["features"]
    assert (read["view"], read["version"], read["status"]) == ("applicant", 1, "fresh")
    assert read["filled"] == ["known_income", "known_loans"]
    assert 59 < read["age_s"] < 90
    assert "6000" not in json.dumps(made.trace["features"])


def test_decision__with_features__replays_to_the_same(make):
    room = make()
    send(room.view, row(income=6000.0, loans=1))
    made = room.ask()

    spec = contract_selector.by_id(made.contract_id).spec
    case = runtime.Case(made.input, None, made.unit, made.request_digest)
    again = runtime.decide(policies.policy(made.artifact_id), spec, case=case)

    assert again.output == made.output
    assert {**again.trace, "features": made.trace["features"]} == made.trace


def test_decision__stale_feature_and_review__policy_answers_and_a_person_looks(make):
    room = make()
    send(room.view, row(age=7200, income=6000.0, loans=1))

    made = room.ask()

    assert (made.status, made.arm, made.output) == ("review", "stable", {"action": "approve"})
    assert made.propensity == 1.0
    assert made.reasons[-1]["code"] == "stale_features"
    assert "7,2" in made.reasons[-1]["text"]
    # Loans count as fresh for a day, income for an hour.
    assert made.trace["features"][0]["stale"] == ["income"]


@pytest.mark.parametrize("do", ["fallback", "deny"])
def test_decision__missing_features__declared_output_at_once(make, do):
    failure = {**LENDING["failure"], "on_stale_features": {"do": do, "output": {"action": "decline"}}}
    room = make(failure=failure)

    made = room.ask()

    assert (made.status, made.arm, made.output) == ("auto", "fallback", {"action": "decline"})
    assert made.trace["source"] == f"contract:{do}"
    assert made.trace["features"][0]["status"] == "missing"


@pytest.mark.parametrize("do", ["review", "deny"])
def test_decision__view_is_not_required__decides_without_it_and_tells(make, do, monkeypatch):
    terms_of = {"do": do} | ({"output": {"action": "decline"}} if do == "deny" else {})
    room = make(features=[{**USE, "required": False}], failure={"on_stale_features": terms_of})

    missing = room.ask()
    send(room.view, row(age=4000, income=6000.0, loans=1))
    old = room.ask()
    monkeypatch.setattr(online, "newest", _away)
    away = room.ask()

    assert [one.trace["features"][0]["status"] for one in (missing, old, away)] == ["missing", "stale", "unavailable"]
    assert all(one.trace["source"] in {"model", "guardrail"} for one in (missing, old, away))
    assert not any(reason["code"] == "stale_features" for one in (missing, old, away) for reason in one.reasons)
    assert (old.input["known_income"], old.output) == (6000.0, {"action": "approve"})
    assert "known_income" not in away.input


def _away(*_: Any, **__: Any) -> None:
    raise online.RedisError("away")


def test_decision__no_entity_in_the_case__missing(make):
    made = make().ask(serving.GOOD_INPUT)

    assert made.status == "review"
    assert "does not say whose" in made.reasons[-1]["text"]


def test_decision__feature_left_out_or_unfit__named(make):
    room = make()
    send(room.view, row(income=-5.0, region="north"))

    made = room.ask()

    read = made.trace["features"][0]
    assert read["status"] == "missing"
    assert read["missing"] == ["loans"]
    assert "known_income" not in made.input
    assert "does not fit the contract" in made.reasons[-1]["text"]


def test_decision__feature_known_to_be_nothing__fresh(make):
    room = make()
    send(room.view, row(income=None, loans=1))

    made = room.ask()

    assert made.status == "auto"
    assert made.input["known_income"] is None


def test_decision__agent_sends_a_feature_itself__refused(make):
    answer = make().post({**INPUT, "known_income": 9e9})

    assert answer.status_code == 422
    assert "the feature view applicant. Leave it out." in answer.content.decode()


def test_decision__queries__as_many_as_without_features(make):
    room = make()
    send(room.view, row())
    room.ask()

    with CaptureQueriesContext(connection) as asked:
        assert room.post().status_code == 201

    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) <= 3


def test_feed_many__several_cases__one_round_trip(make, monkeypatch):
    room = make()
    send(room.view, row("a-1", income=1.0, loans=1), row("a-2", income=2.0, loans=1))
    trips: list[int] = []
    newest = online.newest
    monkeypatch.setattr(online, "newest", lambda places, **rest: trips.append(len(places)) or newest(places, **rest))
    spec = contract_selector.latest(room.world.agent.pk).spec
    cases = [{"applicant_id": "a-2"}, {}, {"applicant_id": "a-3"}, {"applicant_id": "a-1"}]

    fed = features.feed_many(spec, cases, now=clock.now())

    assert trips == [3]
    assert [one.input.get("known_income") for one in fed] == [2.0, None, None, 1.0]
    assert [one.read[0]["status"] for one in fed] == ["fresh", "missing", "missing", "fresh"]


def test_valkey__really_stopped_and_started__decisions_go_on_by_contract(make, settings):
    """A Valkey of its own, so that no other test misses it."""
    directory = open_directory()
    where = places.find(directory / "state")
    embedded = Embedded(where, test=True)
    embedded.start()
    try:
        settings.REDIS_URL = where.redis_url
        settings.FEATURE_BREAKER_FAILURES, settings.FEATURE_BREAKER_SECONDS = 2, 0.3
        online.client.cache_clear()
        failure = {**LENDING["failure"], "on_stale_features": {"do": "fallback", "output": {"action": "decline"}}}
        room = make(failure=failure)
        send(room.view, row(income=6000.0, loans=1))
        assert room.ask().output == {"action": "approve"}

        embedded.stop()
        answers = [room.ask() for _ in range(5)]

        assert {one.trace["features"][0]["status"] for one in answers} == {"unavailable"}
        assert {one.output["action"] for one in answers} == {"decline"}
        assert max(one.latency_us for one in answers) < 500_000
        assert features.breaker.open
        refused = send(room.view, row(age=1, income=7000.0, loans=1))
        assert not refused.online
        assert refused.results[0].status == "stored"

        embedded.start()
        assert mirror.follow() == 1
        time.sleep(settings.FEATURE_BREAKER_SECONDS)
        assert room.ask().input["known_income"] == 7000.0
    finally:
        embedded.stop()
        online.client.cache_clear()
        shutil.rmtree(directory, ignore_errors=True)


def test_publish__contract_reads_a_view__must_be_there_and_fit(make):
    room = make()
    other = serving.world(slug="other").agent
    views.put(agent=other, body={**VIEW, "name": "foreign"}, by=actors.SYSTEM)

    def faults(**changes: Any) -> dict[str, str]:
        body = contract_body(agent="lending", **terms(**changes))
        del body["version"]
        with pytest.raises(Invalid) as caught:
            contracts.publish(agent_id=room.world.agent.pk, body=body, by=actors.SYSTEM)
        return caught.value.fields

    assert "features[0].view" in faults(features=[{**USE, "version": 9}])
    assert "features[0].view" in faults(features=[{**USE, "view": "foreign"}])
    assert "features[0].prefix" in faults(features=[{**USE, "prefix": "no_"}])
    schema = terms()["input_schema"]
    assert "input_schema.required.known_income" in faults(input_schema={**schema, "required": ["known_income"]})
    loose = {**schema["properties"], "known_income": {"type": "number"}}
    assert "input_schema.properties.known_income.x-class" in faults(input_schema={**schema, "properties": loose})
    texts = {**schema["properties"], "known_loans": {"type": "string"}}
    assert "input_schema.properties.known_loans.type" in faults(input_schema={**schema, "properties": texts})


def test_record__of_what_was_done_earlier__sees_what_was_known_then(make):
    room = make()
    send(room.view, row(age=3000, income=1.0, loans=1))
    done_at = clock.now()
    late = row(age=2000, income=9000.0, loans=1)
    send(room.view, late)
    spec = contract_selector.latest(room.world.agent.pk).spec

    then, now, before = features.feed_many(
        spec, [INPUT] * 3, now=clock.now(), done_at=[done_at, None, done_at - timedelta(minutes=50)]
    )

    assert (then.input["known_income"], now.input["known_income"]) == (1.0, 9000.0)
    assert before.read[0]["status"] == "missing"
    assert 2999 < then.read[0]["age_s"] < 3010


def test_record__asked_for__stands_on_the_decision(make):
    room = make()
    send(room.view, row(age=3000, income=1.0, loans=1))
    done_at = clock.now()
    send(room.view, row(age=2000, income=9000.0, loans=1))
    body = {"input": INPUT, "record": {"output": {"action": "decline"}, "decided_at": done_at.isoformat()}}

    answer = Client().post(room.world.url, json.dumps(body), "application/json", headers=room.world.auth)

    assert answer.status_code == 201, answer.content
    made = Decision.objects.get(pk=answer.json()["id"])
    assert made.input["known_income"] == 1.0
    assert made.output == {"action": "decline"}
