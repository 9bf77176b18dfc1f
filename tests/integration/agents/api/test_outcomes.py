"""Telling what became of a case: typed, kept, counted once, shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from agents.models import Outcome
from agents.selectors import outcomes as selector
from agents.services import contracts
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.events.models import Event
from tests.factories import serving
from tests.factories.agents import contract_body
from tests.factories.serving import GOOD_INPUT, World

pytestmark = pytest.mark.django_db

TERMS: dict[str, Any] = {
    "outcome_schema": {
        "type": "object",
        "required": ["repaid"],
        "properties": {
            "repaid": {"type": "boolean", "title": "Repaid"},
            "loss": {"type": "number", "default": 0.0, "title": "Loss", "x-unit": "EUR"},
            "debtor": {"type": "string", "x-class": "sensitive"},
        },
    },
    "kpis": [
        {"name": "loss_share", "title": "Loss share", "direction": "down", "value": "outcome.loss / input.amount"},
        {"name": "repaid", "direction": "up", "value": "outcome.repaid"},
    ],
}
AT = "2026-03-02T09:00:00Z"


def decided(world: World) -> str:
    made = Client().post(world.url, {"input": GOOD_INPUT}, "application/json", headers=world.auth)
    return str(made.json()["id"])


def tell(world: World, decision: str, outcome: Any = None, at: Any = AT, **headers: str) -> Any:
    body = {"outcome": {"repaid": True} if outcome is None else outcome, "observed_at": at}
    sent = {**world.auth, **headers}
    return Client().post(f"{world.url}/{decision}/outcome", body, "application/json", headers=sent)


def paths(response: Any) -> set[str]:
    assert response.status_code == 422, response.content
    return {fault["path"] for fault in response.json()["errors"]}


def test_outcome__first__is_kept_with_its_figures_and_an_event() -> None:
    world = serving.world(**TERMS)
    decision = decided(world)
    answer = tell(world, decision, {"repaid": False, "loss": 90.0})
    assert answer.status_code == 201, answer.content
    assert answer.json()["figures"] == {"loss_share": 0.1, "repaid": 0.0}
    assert answer.json()["observed_at"] == AT
    event = Event.objects.get(type="decision.outcome_recorded")
    assert (event.subject_id, event.scope) == (decision, "lending")
    assert "loss" not in str(event.data.get("outcome"))


def test_outcome__told_again__changes_nothing_and_a_later_one_counts() -> None:
    world = serving.world(**TERMS)
    decision = decided(world)
    first = tell(world, decision)
    again = tell(world, decision, at="2026-03-02T10:00:00+01:00")
    assert (again.status_code, again.json()) == (200, first.json())
    tell(world, decision, {"repaid": False, "loss": 9.0}, at="2026-05-02T09:00:00Z")
    # Told later, observed earlier: it is kept and does not count.
    tell(world, decision, {"repaid": True, "loss": 1.0}, at="2026-01-02T09:00:00Z")
    listed = Client().get(f"{world.url}/{decision}/outcome", headers=world.auth).json()
    assert [one["outcome"]["loss"] for one in listed] == [9.0, 0.0, 1.0]
    assert Event.objects.filter(type="decision.outcome_recorded").count() == 3
    board = selector.board(serving.person("otto", "operator", agent=world.agent), "lending")
    assert [(row.version, [figure and (figure.text, figure.n) for figure in row.figures]) for row in board.rows] == [
        (1, [("0.01", 1), ("0", 1)])
    ]


@pytest.mark.parametrize(
    ("outcome", "at", "path"),
    [
        ({}, AT, "outcome.repaid"),
        ({"repaid": "yes"}, AT, "outcome.repaid"),
        ({"repaid": True, "other": 1}, AT, "outcome.other"),
        ("yes", AT, "outcome"),
        (None, "yesterday", "observed_at"),
        (None, None, "observed_at"),
    ],
)
def test_outcome__faulty__is_refused_by_path(outcome: Any, at: Any, path: str) -> None:
    world = serving.world(**TERMS)
    assert path in paths(tell(world, decided(world), outcome, at))
    assert not Outcome.objects.exists()


def test_outcome__from_the_future_or_with_more_members__is_refused() -> None:
    world = serving.world(**TERMS)
    decision = decided(world)
    assert paths(tell(world, decision, at=(clock.now() + timedelta(hours=1)).isoformat())) == {"observed_at"}
    body = {"outcome": {"repaid": True}, "observed_at": AT, "note": "x"}
    sent = Client().post(f"{world.url}/{decision}/outcome", body, "application/json", headers=world.auth)
    assert paths(sent) == {"note"}


def test_outcome__contract_takes_none__is_a_conflict_until_one_does() -> None:
    world = serving.world()
    decision = decided(world)
    refused = tell(world, decision)
    assert (refused.status_code, refused.json()["code"]) == (409, "outcome_untyped")
    body = contract_body(agent="lending", version=2, **TERMS)
    contracts.publish(agent_id=world.agent.pk, body=body, by=actors.SYSTEM)
    assert tell(world, decision).status_code == 201


def test_outcome__wrong_figure__keeps_the_contract_from_being_published() -> None:
    with pytest.raises(Exception, match="rules of the contract") as refused:
        serving.world(**{**TERMS, "kpis": [{"name": "x", "direction": "up", "value": "outcome.nothing"}]})
    assert "kpis[0].value" in refused.value.fields  # type: ignore[attr-defined]


def test_outcome__other_agents_key_unknown_decision_or_mere_reader__is_refused() -> None:
    world, other = serving.world(**TERMS), serving.world(slug="other")
    decision = decided(world)
    assert tell(world, decision, Authorization=f"Bearer {other.key}").status_code == 404
    assert tell(world, "019ab0c4-7c3e-7d1a-9d0e-3f2a5b6c7d8e").status_code == 404
    auditor = serving.personal_key(serving.person("ada", "auditor", agent=world.agent), "read", "decide")
    assert tell(world, decision, Authorization=f"Bearer {auditor}").status_code == 403
    reader = serving.personal_key(serving.person("otto", "operator", agent=world.agent), "read")
    assert tell(world, decision, Authorization=f"Bearer {reader}").status_code == 403
    assert Client().get(f"{world.url}/{decision}/outcome", headers=world.auth).json() == []
    assert Client().put(f"{world.url}/{decision}/outcome", headers=world.auth).status_code == 405


def test_outcome__row__is_never_changed() -> None:
    world = serving.world(**TERMS)
    tell(world, decided(world))
    with pytest.raises(IntegrityError):
        Outcome.objects.update(body={})


def test_outcome__pages__show_the_newest_and_the_figures_of_each_version() -> None:
    world = serving.world(**TERMS)
    decision = decided(world)
    client = Client()
    client.force_login(serving.person("otto", "operator", agent=world.agent))
    assert "No outcome was told yet" in client.get("/agents/lending/").content.decode()
    tell(world, decision, {"repaid": True, "loss": 45.0, "debtor": "Ms Smith"})
    tell(world, decision, {"repaid": False, "loss": 90.0, "debtor": "Ms Smith"}, at="2026-04-02T09:00:00Z")
    page = client.get(f"/decisions/{decision}/").content.decode()
    for words in ("Outcome told", "90 EUR", "Loss share", "0.1", "1 earlier observation no longer counts"):
        assert words in page, words
    assert "Ms Smith" not in page
    board = client.get("/agents/lending/").content.decode()
    for words in ("Business figures", "Loss share", "less is better", "Version 1", "1 case"):
        assert words in board, words
