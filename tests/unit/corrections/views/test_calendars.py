"""Working hours: who sees them, who keeps them, and what is wrong with what was entered."""

from uuid import uuid4

import pytest

from corrections.models import Calendar
from corrections.services import calendars
from tests.factories.feedback import room
from tests.factories.serving import person
from tests.unit.corrections.views.pages import fields_of, main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FORM = {
    "name": "Berlin",
    "time_zone": "Europe/Berlin",
    "hours.mon": "09:00-12:00, 13:00-17:00",
    "holidays": "2026-12-25\r\n2026-12-26",
    "queues": ["review"],
}


@pytest.fixture
def kept(made):
    return calendars.keep(
        agent_id=made.world.agent.pk,
        name="Berlin",
        time_zone="Europe/Berlin",
        hours={"mon": ["09:00-17:00"]},
        queues=["review"],
        by=person("olu", "operator"),
    )


def test_listing__works__shows_hours_queues_and_what_counts_round_the_clock(kept, sign):
    text = main(sign("operator").get("/calendars/"))
    assert "Monday 09:00-17:00" in text
    assert f"/calendars/{kept.pk}/" in text
    assert text.index("Round the clock") < text.index("Senior review")


def test_listing__reader__sees_no_way_to_change(kept, sign):
    text = main(sign("reviewer").get("/calendars/"))
    assert "Berlin" in text
    assert f"/calendars/{kept.pk}/" not in text
    assert "/calendars/new/" not in text


def test_listing__other_agent__shows_nothing_of_it(kept, sign):
    other = room(slug="other")
    page = sign("operator", agent=other.world.agent).get("/calendars/", headers=HTMX)
    assert "No calendars yet" in page.text
    assert "Berlin" not in page.text
    assert "<html" not in page.text


def test_new__works__queue_counts_by_it(made, sign):
    client = sign("operator")
    path = f"/calendars/new/{made.world.agent.slug}/"
    assert fields_of(main(client.get(path)))["hours.fri"] == ["09:00-17:00"]
    assert client.post(path, FORM).headers["Location"] == "/calendars/"
    row = Calendar.objects.get()
    assert row.hours == {"mon": ["09:00-12:00", "13:00-17:00"]}
    assert row.holidays == ["2026-12-25", "2026-12-26"]
    assert [one.code for one in row.queues.all()] == ["review"]


def test_new__faults__stand_at_their_fields_and_nothing_entered_is_lost(made, sign):
    path = f"/calendars/new/{made.world.agent.slug}/"
    page = sign("operator").post(path, {**FORM, "hours.mon": "9 to 5", "holidays": "Christmas"}, headers=HTMX)
    assert page.status_code == 422
    assert 'href="#c-hours-mon"' in page.text
    assert 'id="c-hours-mon-e"' in page.text
    assert "“Christmas” is no date" in page.text
    assert fields_of(page.text)["hours.mon"] == ["9 to 5"]
    assert "<html" not in page.text


def test_edit__works__changes_and_lets_queues_go(kept, sign):
    client, path = sign("operator"), f"/calendars/{kept.pk}/"
    sent = fields_of(main(client.get(path)))
    assert sent["queues"] == ["review"]
    done = client.post(path, {**sent, "hours.tue": "10:00-24:00", "queues": []}, headers=HTMX)
    assert done.headers["HX-Redirect"] == "/calendars/"
    kept.refresh_from_db()
    assert kept.hours == {"mon": ["09:00-17:00"], "tue": ["10:00-24:00"]}
    assert not kept.queues.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_edit__read_only__refused(kept, sign, method):
    client = sign("auditor")
    assert getattr(client, method)(f"/calendars/{kept.pk}/").status_code == 403
    assert getattr(client, method)(f"/calendars/new/{kept.agent.slug}/").status_code == 403


def test_edit__other_tenant_or_bad_id__is_not_there(kept, sign):
    client = sign("operator", agent=room(slug="other").world.agent)
    for path in (
        f"/calendars/{kept.pk}/",
        f"/calendars/{uuid4()}/",
        "/calendars/x/",
        f"/calendars/new/{kept.agent.slug}/",
    ):
        assert client.get(path).status_code == 404


def test_wrong_verb__is_refused(kept, sign):
    client = sign("operator")
    assert client.post("/calendars/").status_code == 405
    assert client.put(f"/calendars/{kept.pk}/").status_code == 405
