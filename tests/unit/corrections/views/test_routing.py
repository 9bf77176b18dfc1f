"""The page on which flagged decisions are sent to queues."""

from typing import Any

import pytest

from corrections.models import Queue, RoutingRule
from corrections.selectors import routing as reading
from corrections.services import queues
from corrections.services.queues import Terms
from reviewapp.core.accounts import actors
from tests.factories.feedback import flagged
from tests.factories.serving import personal_key, world
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
RULE = {"name": "Large amounts", "when": "input.amount > 5000.0", "queue": "large"}


@pytest.fixture
def where(made):
    """The address of the page, for an agent with two review queues."""
    agent = made.world.agent
    common: dict[str, Any] = {"agent_id": agent.pk, "agent_slug": agent.slug, "by": actors.SYSTEM}
    queues.configure(code="large", name=Terms("Large").name, **common)
    return f"/queues/routing/{agent.slug}/"


def post(client, where, op, **entered):
    agent = Queue.objects.get(code="large").agent_id
    return client.post(where, {"op": op, "seen": reading.mark(agent), **entered}, follow=True)


def test_page__no_rules__says_where_everything_goes(where, sign):
    shown = main(sign("policy_admin").get(where))
    assert "No rules yet" in shown
    assert "Every flagged decision goes to Review." in shown
    assert "input.amount" in shown


def test_add__rule__is_there_with_what_it_catches(where, sign, made):
    flagged(made, amount=9000.0)
    client = sign("operator")
    shown = main(post(client, where, "add", place="new", **RULE))
    assert "1. Large amounts" in shown
    assert RoutingRule.objects.get().queue.code == "large"
    assert "tried on the newest flagged decision" in shown


def test_add__rule_that_cannot_be__is_told_at_its_field_and_kept(where, sign):
    answer = post(sign("operator"), where, "add", place="new", **{**RULE, "when": "input.income > 1.0"})
    shown = main(answer)
    assert answer.status_code == 422
    assert 'id="r-when-e"' in shown
    assert "input.income &gt; 1.0" in shown
    assert 'value="Large amounts"' in shown
    assert not RoutingRule.objects.exists()


def test_try__rule__counts_and_saves_nothing(where, sign, made):
    flagged(made, amount=9000.0)
    flagged(made)
    shown = main(post(sign("operator"), where, "try", place="new", **RULE))
    assert "It holds for 1 of the newest 2 flagged decisions" in shown
    assert "input.amount &gt; 5000.0" in shown
    assert not RoutingRule.objects.exists()


def test_try__nothing__is_told_at_its_field(where, sign):
    assert post(sign("operator"), where, "try", place="new", **{**RULE, "when": " "}).status_code == 422


def test_order__moved_changed_removed__is_what_the_page_shows(where, sign):
    client = sign("operator")
    post(client, where, "add", **RULE)
    post(client, where, "add", **{**RULE, "name": "Cars", "when": 'input.purpose == "car"', "queue": "review"})
    post(client, where, "up", place="1")
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["Cars", "Large amounts"]
    post(client, where, "down", place="1")
    post(client, where, "down", place="0")
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["Large amounts", "Cars"]
    assert "Change “Cars”" in main(client.get(f"{where}?edit=1"))
    post(client, where, "save", place="1", **{**RULE, "name": "Vans"})
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["Large amounts", "Vans"]
    post(client, where, "remove", place="0")
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["Vans"]
    post(client, where, "remove", place="7")
    assert RoutingRule.objects.count() == 1


def test_default__changed__takes_everything_else(where, sign):
    post(sign("operator"), where, "default", default="large")
    assert Queue.objects.get(is_default=True).code == "large"


def test_change__stale__is_a_conflict_that_says_so(where, sign):
    client = sign("operator")
    answer = client.post(where, {"op": "add", "seen": "old", **RULE})
    assert (answer.status_code, "Somebody changed the routing meanwhile" in main(answer)) == (409, True)
    assert 'value="Large amounts"' in main(answer)


def test_page__reader__sees_rules_and_no_forms(where, sign):
    post(sign("operator"), where, "add", **RULE)
    client = sign("auditor", name="eva")
    shown = main(client.get(where))
    assert "Large amounts" in shown
    assert "<form" not in shown
    assert post(client, where, "remove", place="0").status_code == 403
    assert RoutingRule.objects.count() == 1


def test_page__other_tenant_unknown_agent_or_wrong_verb__are_refused(where, sign):
    elsewhere = world(slug="elsewhere").agent
    assert sign("policy_admin", agent=elsewhere, name="bo").get(where).status_code == 404
    client = sign("operator")
    assert client.get("/queues/routing/nowhere/").status_code == 404
    assert client.get("/queues/routing/elsewhere/").status_code == 404
    assert client.put(where).status_code == 405


def test_api__read_replace_try__are_what_the_page_does(where, made, sign, client):
    slug = made.world.agent.slug
    key = {"headers": {"authorization": f"Bearer {personal_key(sign('operator').user, 'policies', 'read')}"}}
    address = f"/api/v1/agents/{slug}/routing"
    found = client.get(address, **key).json()
    assert (found["rules"], found["default"]) == ([], "review")
    body = {"rules": [RULE], "default": "review", "mark": found["mark"]}
    saved = client.put(address, body, content_type="application/json", **key)
    assert (saved.status_code, saved.json()["rules"][0]["name"]) == (200, "Large amounts")
    again = client.put(address, body, content_type="application/json", **key)
    assert (again.status_code, again.json()["code"]) == (409, "routing_changed")
    bad = {**body, "mark": saved.json()["mark"], "rules": [{**RULE, "when": "input.income > 1.0"}]}
    refused = client.put(address, bad, content_type="application/json", **key).json()
    assert "rules[0].when" in str(refused)
    tried = client.post(f"{address}/trial", {"when": RULE["when"]}, content_type="application/json", **key)
    assert tried.json() == {"tried": 0, "held": 0, "unsure": 0, "why": ""}


def test_page__rule_that_gives_a_blind_queue_away__is_warned_of(where, sign):
    client = sign("operator")
    post(client, where, "add", **{**RULE, "when": "confidence < 0.5"})
    assert "gives it away" not in main(client.get(where))
    Queue.objects.filter(code="large").update(blind_percent=10)
    assert "gives it away" in main(client.get(where))
