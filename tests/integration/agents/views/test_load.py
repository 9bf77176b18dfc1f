"""An agent's page under its contract's limits: unknown fields, review capacity, overdue reviews of risks."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from agents.selectors import load
from reviewapp.core import clock
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World

pytestmark = pytest.mark.django_db
PAGE = "/agents/lending/"
RISK = {
    "id": "R-1",
    "hazard": "Wrong income",
    "control": "Payslip",
    "residual": "low",
    "owner": "Ada",
    "next_review": "2027-01-31",
}


def text(path: str = PAGE, name: str = "ada") -> str:
    client = Client()
    client.force_login(serving.person(name, "auditor"))
    page = client.get(path)
    assert page.status_code == 200
    return page.text


def dropping() -> World:
    return serving.world(unknown_fields="drop")


def test_page__contract_refuses__says_so_and_counts_nothing() -> None:
    serving.world()
    assert "Unknown fields are refused" in text()


def test_page__contract_drops__counts_by_field() -> None:
    made = dropping()
    decided(made, {**GOOD_INPUT, "colour": "red", "size": 3})
    decided(made, {**GOOD_INPUT, "colour": "blue"})
    shown = text()
    assert "Unknown fields are dropped and counted" in shown
    assert "<code>colour</code>" in shown
    assert "Unknown fields are refused" not in shown


def test_page__contract_drops_and_none_came__says_so() -> None:
    dropping()
    assert "No decision of the last 30 days came with an unknown field." in text()


def test_dropped__weeks_and_months__are_counted_apart_and_older_ones_not_at_all() -> None:
    made = dropping()
    decided(made, {**GOOD_INPUT, "colour": "red"})
    decided(made, {**GOOD_INPUT, "colour": "red", "size": 1})
    now = clock.now()
    counted = [(one.path, one.week, one.month) for one in load.dropped(made.agent.pk, now=now).fields]
    assert counted == [("colour", 2, 2), ("size", 1, 1)]
    later = load.dropped(made.agent.pk, now=now + timedelta(days=10)).fields
    assert [(one.path, one.week, one.month) for one in later] == [("colour", 0, 2), ("size", 0, 1)]
    assert load.dropped(made.agent.pk, now=now + timedelta(days=31)).fields == []


def test_dropped__many_decisions__looks_at_the_newest_only_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_MOST_DECISIONS", 2)
    made = dropping()
    for _ in range(3):
        decided(made, {**GOOD_INPUT, "colour": "red"})
    found = load.dropped(made.agent.pk, now=clock.now())
    assert (found.fields[0].month, found.of, found.cut) == (2, 2, True)


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("refuse", "One more is refused"),
        ("review", "One more waits all the same"),
        ("fallback", "answered at once: decline"),
    ],
)
def test_page__capacity__shows_the_backlog_and_what_happens_beyond_it(then: str, words: str) -> None:
    limit = {"open_max": 2, "then": then, **({"output": {"action": "decline"}} if then == "fallback" else {})}
    made = serving.world(review_capacity=limit)
    decided(made, UNSURE_INPUT)
    shown = text()
    assert "Share of the review capacity in use" in shown
    assert "<b>0.50</b>" in shown
    assert words in shown
    decided(made, UNSURE_INPUT)
    assert "Now, as it is full" in text(name="bo")


def test_page__no_capacity__draws_none() -> None:
    serving.world()
    assert "Waiting for people" not in text()


@pytest.mark.parametrize(("day", "late"), [("2027-01-31", False), ("2027-02-01", True)])
def test_risks__next_review_passed__is_overdue_on_every_page(day: str, late: bool) -> None:
    with time_machine.travel(f"{day}T12:00:00Z", tick=False):
        serving.world(risks=[RISK], risk_tier="high")
        for number, path in enumerate((PAGE, "/agents/lending/contracts/1/")):
            shown = text(path, name=f"ada{number}")
            assert "Wrong income" in shown
            assert ("Overdue" in shown) is late
        assert ("Risk review overdue" in text("/agents/", name="carl")) is late
