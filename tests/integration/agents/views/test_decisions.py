"""The pages of decisions: filters, pages by keyset, and one decision with all it came from and led to."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from agents.services import resolutions
from reviewapp.core.accounts import actors
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world() -> World:
    return serving.world()


def signed_in(*roles: str, agent: Any = None, name: str = "ada") -> Client:
    client = Client()
    client.force_login(serving.person(name, *roles, agent=agent))
    return client


def test_list__works__names_cases_by_their_title(world: World) -> None:
    decided(world)
    text = signed_in("auditor").get("/decisions/").text
    assert "car, 900 EUR over 6 months" in text
    assert "Automatic" in text


def test_list__filters__by_agent_and_status(world: World) -> None:
    other = serving.world(slug="other")
    sure, flagged, foreign = decided(world), decided(world, UNSURE_INPUT), decided(other)
    client = signed_in("auditor")

    def shown(query: str) -> set[str]:
        text = client.get(f"/decisions/?{query}").text
        return {str(row.pk) for row in (sure, flagged, foreign) if str(row.pk) in text}

    assert shown("") == {str(sure.pk), str(flagged.pk), str(foreign.pk)}
    assert shown("agent=lending") == {str(sure.pk), str(flagged.pk)}
    assert shown("agent=lending&status=review") == {str(flagged.pk)}
    assert shown("status=nonsense") == {str(sure.pk), str(flagged.pk), str(foreign.pk)}


def test_list__other_role__sees_only_its_agents_decisions(world: World) -> None:
    other = serving.world(slug="other")
    own, foreign = decided(world), decided(other)
    client = signed_in("reviewer", agent=world.agent)
    text = client.get("/decisions/").text
    assert str(own.pk) in text
    assert str(foreign.pk) not in text
    assert client.get("/decisions/?agent=other").status_code == 404


def test_list__pages__reach_every_decision_once(world: World, settings: Any) -> None:
    settings.PAGE_SIZE = 2
    made = [decided(world).pk for _ in range(5)]
    client = signed_in("auditor")
    seen: list[Any] = []
    path = "/decisions/"
    while path:
        found = client.get(path).context["found"]
        seen += [row.id for row in found.rows]
        path = f"/decisions/?after={found.after}" if found.after else ""
    assert seen == made[::-1]


def test_list__mangled_page_link__shows_the_first_page(world: World) -> None:
    decided(world)
    assert signed_in("auditor").get("/decisions/?after=nonsense").status_code == 200


def test_list__empty__says_what_to_do(world: World) -> None:
    client = signed_in("auditor")
    assert "No decisions here" in client.get("/decisions/").text
    assert "Nothing fits these filters" in client.get("/decisions/?status=auto").text


def test_list__fragment__is_the_table_alone(world: World) -> None:
    decided(world)
    page = signed_in("auditor").get("/decisions/", headers=HTMX)
    assert "<html" not in page.text
    assert 'id="rows"' in page.text


def test_list__many_rows__take_the_same_queries(world: World, django_assert_max_num_queries: Any) -> None:
    for _ in range(20):
        decided(world)
    client = signed_in("auditor")
    client.get("/decisions/")
    with django_assert_max_num_queries(16):
        client.get("/decisions/")


def test_detail__works__shows_answer_explanation_rules_and_inputs(world: World) -> None:
    row = decided(world, {**UNSURE_INPUT, "age": 44}, case_ref="c-77")
    text = signed_in("reviewer", agent=world.agent).get(f"/decisions/{row.pk}/").text
    for words in (
        "car, 900 EUR over 24 months",
        "c-77",
        "For review",
        "below the limit of 70 %",
        "Duration 24 to 36 months",
        "−0.20",
        "R-002 No loan beyond eight years",
        "did not match",
        "Waits for people",
        "Sent to people",
        "Version 1",
    ):
        assert words in text, words


def test_detail__contributions__add_up_on_the_page(world: World) -> None:
    row = decided(world)
    case = signed_in("auditor").get(f"/decisions/{row.pk}/").context["case"]
    assert round(case.intercept + sum(effect.points for effect in case.effects), 6) == case.total
    assert max(abs(effect.share) for effect in case.effects) == 1


def test_detail__sensitive_value__is_not_on_the_page(world: World) -> None:
    row = decided(world, {**GOOD_INPUT, "age": 4711})
    text = signed_in("auditor").get(f"/decisions/{row.pk}/").text
    assert "4711" not in text
    assert "4,711" not in text
    assert "Redacted" in text


def test_detail__markup_in_a_value__stays_text(world: World) -> None:
    row = decided(world, {**GOOD_INPUT, "note": "<script>alert(1)</script>"}, case_ref="<b>x</b>")
    text = signed_in("auditor").get(f"/decisions/{row.pk}/").text
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text


def test_detail__resolved__names_who_and_what(world: World) -> None:
    row = decided(world, UNSURE_INPUT)
    resolutions.resolve(decision_id=row.pk, output={"action": "decline"}, source="review", by=actors.SYSTEM)
    text = signed_in("auditor").get(f"/decisions/{row.pk}/").text
    assert "Settled by review" in text
    assert "Answer given back to the agent" in text
    assert "Waits for people" not in text


def test_detail__proposal__shows_model_and_tool_calls() -> None:
    world = serving.world(mode="propose")
    proposal = {
        "output": {"action": "decline"},
        "confidence": 0.62,
        "model": "assistant-2",
        "tool_calls": [{"name": "look_up_order", "order": "A-1"}],
    }
    row = decided(world, proposal=proposal)
    text = signed_in("auditor").get(f"/decisions/{row.pk}/").text
    for words in ("assistant-2", "look_up_order", "A-1", "stated confidence 0.62"):
        assert words in text


def test_detail__nothing_live__explains_itself() -> None:
    row = decided(serving.world(live=False))
    text = signed_in("auditor").get(f"/decisions/{row.pk}/").text
    assert "None was live" in text
    assert "No model took part" in text


def test_detail__other_role_or_bad_id__is_a_404(world: World) -> None:
    other = serving.world(slug="other")
    row = decided(world)
    client = signed_in("reviewer", agent=other.agent)
    assert client.get(f"/decisions/{row.pk}/").status_code == 404
    assert client.get(f"/decisions/{uuid4()}/").status_code == 404
    assert client.get("/decisions/12/").status_code == 404


def test_detail__fragment__is_resolution_and_timeline_alone(world: World) -> None:
    row = decided(world, UNSURE_INPUT)
    page = signed_in("auditor").get(f"/decisions/{row.pk}/", headers=HTMX)
    assert "<html" not in page.text
    assert 'id="story"' in page.text


def test_detail__wrong_verb__is_a_405(world: World) -> None:
    row = decided(world)
    assert signed_in("auditor").post(f"/decisions/{row.pk}/").status_code == 405
