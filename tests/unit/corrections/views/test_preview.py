"""What an escalated correction would change: page, fragment, refusals and the same through the API."""

from uuid import uuid4

import pytest

from agents.models import Agent, Decision
from agents.services import resolutions
from corrections.models import Escalation, Task
from corrections.selectors import preview
from reviewapp.core.accounts import actors
from tests.factories.decisions import decided
from tests.factories.feedback import flagged, submit
from tests.factories.serving import UNSURE_INPUT, person, personal_key, world
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(made) -> Escalation:
    """A large loan for a car, corrected by Bo, among ten cases of which two are for a car too."""
    for purpose, count in (("repairs", 8), ("car", 2)):
        for number in range(count):
            decided(made.world, {**UNSURE_INPUT, "purpose": purpose, "amount": 950.0 + number})
    decision = flagged(made, amount=20000.0)
    done = submit(Task.objects.get(decision=decision, kind="review"), person("bo", "reviewer"))
    return Escalation.objects.get(pk=done.escalation_id)


def test_preview__works__counts_the_other_cases_that_would_turn(case, sign):
    client = sign("risk_officer")
    shown = client.get(f"/escalations/{case.pk}/preview/")
    found = shown.context["preview"]
    assert (found.replayed, found.bounded, found.fault) == (10, False, "")
    narrow, wide = found.readings
    assert (narrow.alike_in, narrow.alike) == (["Employed: yes", "Purpose: car"], 2)
    assert (wide.alike_in, wide.turned) == (["Purpose: car"], 2)
    assert narrow.turned == Decision.objects.filter(input__purpose="car", output__action="approve").count() - 1 == 2
    text = main(shown)
    assert "All 10 decisions of the last 30 days" in text
    assert "None of them yet" in text


def test_preview__people_settled_some__says_how_often_as_proposed(case, sign):
    officer = person("ria", "reviewer")
    others = Decision.objects.filter(input__purpose="car", input__amount__lt=1000)
    for decision, action in zip(others, ("decline", "approve"), strict=True):
        resolutions.resolve(decision_id=decision.pk, output={"action": action}, source="review", by=actors.of(officer))
    found = sign("risk_officer").get(f"/escalations/{case.pk}/preview/")
    assert "1 as proposed here, 1 otherwise" in main(found)


def test_preview__more_than_the_bound__says_so(case, sign, monkeypatch):
    monkeypatch.setattr(preview, "MOST", 4)
    text = main(sign("risk_officer").get(f"/escalations/{case.pk}/preview/"))
    assert "The newest 4 decisions of the last 30 days" in text


def test_preview__fragment__is_the_section_alone(case, sign):
    shown = sign("risk_officer").get(f"/escalations/{case.pk}/preview/", headers={"HX-Request": "true"})
    assert shown.text.strip().startswith("<section")
    assert "<html" not in shown.text


def test_preview__page_of_the_escalation__asks_for_it_and_links_it(case, sign):
    text = main(sign("risk_officer").get(f"/escalations/{case.pk}/"))
    assert f'hx-get="/escalations/{case.pk}/preview/"' in text
    assert f'href="/escalations/{case.pk}/preview/"' in text


def test_preview__no_policy_live__says_why_there_is_none(case, sign, monkeypatch):
    monkeypatch.setattr("agents.selectors.replaying.live.load", lambda _slug: None)
    assert "No policy serves this agent now." in main(sign("risk_officer").get(f"/escalations/{case.pk}/preview/"))


def test_preview__other_tenant_bad_id_wrong_verb__refused(case, sign):
    other = world(slug="other").agent
    assert isinstance(other, Agent)
    stranger = sign("risk_officer", agent=other, name="eve")
    assert stranger.get(f"/escalations/{case.pk}/preview/").status_code == 404
    client = sign("risk_officer")
    assert client.get(f"/escalations/{uuid4()}/preview/").status_code == 404
    assert client.post(f"/escalations/{case.pk}/preview/").status_code == 405


def test_preview__api__answers_the_same(case, client):
    key = personal_key(person("ada", "risk_officer"), "read")
    found = client.get(f"/api/v1/escalations/{case.pk}/preview", headers={"Authorization": f"Bearer {key}"})
    assert found.status_code == 200, found.text
    assert found.json()["replayed"] == 10
    assert found.json()["readings"][0]["turned"] == 2
