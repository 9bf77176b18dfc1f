"""The pages of feature views: who sees them, what they say, what stands on decision and contract."""

import re
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from tests.factories import serving
from tests.factories.features import VIEW, row, send, view
from tests.integration.agents.serving.test_features import Room

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_store")]
HTMX = {"HX-Request": "true"}


def signed_in(*roles: str, agent: Any = None, name: str = "ada") -> Client:
    client = Client()
    client.force_login(serving.person(name, *roles, agent=agent))
    return client


@pytest.fixture
def known():
    """A view of the lending agent, with a value."""
    made = view(serving.world(slug="lending").agent)
    send(made, row(age=120, income=2000.0, health=True))
    return made


def test_list__works__says_how_fresh(known):
    page = signed_in("auditor").get("/features/")

    assert page.status_code == 200
    assert "What is known of an applicant" in page.text
    assert "Fresh" in page.text
    assert "Credit data" in page.text


def test_list__fragment__is_the_table_alone(known):
    page = signed_in("auditor").get("/features/", headers=HTMX)

    assert "<html" not in page.text
    assert 'id="rows"' in page.text


def test_list__no_role_or_another_agent__says_what_to_do(known):
    other = serving.world(slug="other")

    assert "No feature views yet" in signed_in(name="eve").get("/features/").text
    assert "No feature views yet" in signed_in("reviewer", agent=other.agent).get("/features/").text


def test_list__more_views__no_more_queries(known, django_assert_max_num_queries):
    for number in range(5):
        view(Agent.objects.get(slug="lending"), name=f"more-{number}")
    client = signed_in("auditor")
    with django_assert_max_num_queries(14):
        client.get("/features/")


def test_view__works__features_versions_and_a_day(known):
    view(Agent.objects.get(slug="lending"), features=VIEW["features"][:1])
    page = signed_in("auditor").get("/features/applicant/")

    assert page.status_code == 200
    for words in (
        "Income",
        "number, EUR",
        "Breaking",
        "loans is no longer part of the view.",
        "No values yet",
        "spark",
    ):
        assert words in page.text


def test_view__entity__values_with_age_and_sensitive_redacted(known):
    page = signed_in("auditor").get("/features/applicant/?entity=a-1", headers=HTMX)

    assert "<html" not in page.text
    assert "2,000 EUR" in page.text
    assert "2 min ago" in page.text
    assert "Redacted" in page.text
    assert "Decisions see it" in page.text
    assert "Nothing is known of a-9" in signed_in("auditor", name="bob").get("/features/applicant/?entity=a-9").text


def test_view__other_agent_bad_name_wrong_verb__refused(known):
    other = serving.world(slug="other")

    assert signed_in("reviewer", agent=other.agent, name="eve").get("/features/applicant/").status_code == 404
    client = signed_in("auditor")
    assert client.get("/features/nobody/").status_code == 404
    assert client.post("/features/").status_code == 405
    assert client.post("/features/applicant/").status_code == 405


def test_decision_and_contract__with_features__told():
    room = Room()
    send(room.view, row(age=7200, income=6000.0, loans=1))
    made = room.ask()
    client = signed_in("auditor")

    page = client.get(f"/decisions/{made.pk}/").text

    for words in ("Features read", "income is old", "2 h<", "known_income, known_loans", "View applicant, version 1"):
        assert words in page
    contract = client.get("/agents/lending/").text
    assert "Features it reads" in contract
    assert "When a feature is old or missing" in contract
    assert "contract 2" in client.get("/features/applicant/").text


def test_key__for_sending_features__sends_and_does_not_decide(known):
    client = signed_in("agent_developer", "auditor", name="dora")
    issued = client.post("/agents/lending/keys/", {"name": "pipeline", "days": "30", "use": "features"}, headers=HTMX)
    key = re.search(r"cs_[0-9a-z]{10}_[0-9A-Za-z_-]{43}", issued.text)[0]
    headers = {"Authorization": f"Bearer {key}"}

    sent = Client().put("/api/v1/features/applicant", {"rows": [row()]}, "application/json", headers=headers)
    asked = Client().post("/api/v1/agents/lending/decisions", {"input": {}}, "application/json", headers=headers)

    assert (sent.status_code, asked.status_code) == (200, 403)
    assert client.post("/agents/lending/keys/", {"name": "x", "days": "30", "use": "all"}).status_code == 422
