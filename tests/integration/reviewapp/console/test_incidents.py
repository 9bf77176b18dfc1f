"""The pages and the API of incidents: what they show, to whom, and what people do there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.services import resolutions, webhooks
from reviewapp.core import clock, ids
from reviewapp.core.accounts import actors
from reviewapp.core.events.models import Event, OutboxEntry
from reviewapp.core.incidents import services
from reviewapp.core.incidents.models import Incident
from tests.factories import feedback, serving
from tests.factories.decisions import decided

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def world():
    return serving.world()


@pytest.fixture
def olaf(world):
    return serving.person("olaf", "operator", agent=world.agent)


def begin(world, kind: str = "slot_refused", key: str = "one", **more) -> Incident:
    given = {"data": {"agent": "Lending", "number": 2, **more.pop("data", {})}, "began_at": clock.now(), **more}
    return services.begin(
        kind=kind, key=key, agent=(world.agent.pk, world.agent.slug), path="/releases/", by=actors.SYSTEM, **given
    )


def over(row: Incident) -> None:
    services.end(kind=row.kind, key=row.key, by=actors.SYSTEM)


def test_list__none__says_what_would_stand_there(olaf):
    assert "No incidents here" in browser(olaf).get("/incidents/").content.decode()


def test_list__filtered__shows_that_state_as_a_page_or_a_part(world, olaf):
    first, second = begin(world), begin(world, key="two")
    services.acknowledge(number=first.pk, by=olaf)
    client = browser(olaf)

    whole = client.get("/incidents/").content.decode()
    part = client.get("/incidents/", {"state": "acknowledged"}, **HTMX).content.decode()

    assert f"INC-{first.pk:04d}" in whole
    assert f"INC-{second.pk:04d}" in whole
    assert "Olaf Test" in part
    assert f"INC-{second.pk:04d}" not in part
    assert "<html" not in part
    assert client.get("/incidents/", {"state": "odd", "after": "x"}).status_code == 200


def test_nav__counts_what_nobody_looks_after(world, olaf):
    row = begin(world)
    assert 'data-tone="critical">1</span>' in browser(olaf).get("/incidents/").content.decode()
    services.acknowledge(number=row.pk, by=olaf)
    assert 'href="/incidents/"' not in browser(serving.person("rosa", "reviewer")).get("/").content.decode()


@pytest.mark.parametrize("path", ["/incidents/", "/api/v1/incidents"])
def test_list__reviewer__is_refused(path):
    assert browser(serving.person("rosa", "reviewer")).get(path).status_code == 403


@pytest.mark.parametrize("number", ["1", "0", "99999999999999999999"])
def test_detail__unknown_or_of_another_agent__is_missing(world, number):
    row = begin(world)
    other = browser(serving.person("otto", "operator", agent=serving.world(slug="other", live=False).agent))
    for path in (f"/incidents/{row.pk}/", f"/api/v1/incidents/{row.pk}"):
        assert other.get(path).status_code == 404
    for place in (f"/incidents/{number}/", f"/api/v1/incidents/{number}"):
        assert number == str(row.pk) or other.get(place).status_code == 404
    assert other.post(f"/incidents/{row.pk}/note/", {"text": "Mine?"}).status_code == 404


def test_detail__auditor__reads_and_is_told_who_acts(world):
    row = begin(world, text="The key is unknown.")
    client = browser(serving.person("aude", "auditor"))

    shown = client.get(f"/incidents/{row.pk}/").content.decode()

    assert "The key is unknown." in shown
    assert "An operator or policy admin acts on it." in shown
    assert "<textarea" not in shown
    for act in ("acknowledge", "take", "note", "resolve"):
        assert client.post(f"/incidents/{row.pk}/{act}/", {"text": "Long enough to count."}).status_code == 403
        assert client.get(f"/incidents/{row.pk}/{act}/").status_code == 405


def test_detail__operator__goes_from_open_to_resolved(world, olaf):
    row = begin(world)
    client, place = browser(olaf), f"/incidents/{row.pk}/"

    assert "It can be resolved once it is over." in client.get(place).content.decode()
    assert client.post(f"{place}acknowledge/").status_code == 302
    assert client.post(f"{place}resolve/", {"text": "Far too early to say."}).status_code == 409
    assert client.post(f"{place}note/", {"text": "<b>Looking at the keys.</b>"}).status_code == 302
    over(row)
    empty = client.post(f"{place}resolve/", {"text": "no"})
    assert empty.status_code == 422
    assert 'id="i-resolve-e"' in empty.content.decode()
    assert client.post(f"{place}resolve/", {"text": "A key had been left out."}).status_code == 302

    shown = client.get(place).content.decode()
    assert "4 of 4 steps done" in shown
    assert "<p>A key had been left out.</p>" in shown
    assert "&lt;b&gt;Looking at the keys." in shown
    assert "every 30s" not in shown
    row.refresh_from_db()
    assert (row.state, row.lead) == ("resolved", olaf)


def test_detail__part__has_the_figures_and_the_timeline_and_no_form(world, olaf):
    row = begin(world)

    part = browser(olaf).get(f"/incidents/{row.pk}/", **HTMX).content.decode()

    assert 'id="facts"' in part
    assert 'id="timeline"' in part
    assert "hx-swap-oob" in part
    assert "<form" not in part


def test_affected__of_a_version__are_those_it_decided_while_it_took_traffic(world, olaf):
    before = clock.now()
    made = decided(world)
    row = begin(world, "release_rolled_back", began_at=before, data={"artifact": world.artifact.pk})
    over(row)
    decided(world)
    client = browser(olaf)

    shown = client.get(f"/incidents/{row.pk}/").content.decode()
    told = browser(olaf).get(f"/api/v1/incidents/{row.pk}").json()

    assert f"/decisions/{made.pk}/" in shown
    assert told["decisions"] == {"number": 1, "looked_at": 1, "cut": False, "newest": [str(made.pk)]}
    assert "A guard took version 2 of Lending out of traffic" in shown


def test_affected__of_another_version__none(world, olaf):
    before = clock.now()
    decided(world)
    row = begin(world, "release_rolled_back", began_at=before, data={"artifact": "sha256:other"})

    assert "No decision was touched." in browser(olaf).get(f"/incidents/{row.pk}/").content.decode()


def test_affected__of_a_webhook__are_those_whose_answers_waited():
    made = feedback.room()
    hook, _ = webhooks.add(
        agent_id=made.world.agent.pk, url="https://hooks.example/cs", by=serving.person("dana", "agent_developer")
    )
    before = clock.now() - timedelta(seconds=5)
    decision = feedback.flagged(made)
    resolutions.resolve(decision_id=decision.pk, output={"action": "decline"}, source="review", by=actors.SYSTEM)
    feedback.hand_on()
    row = begin(made.world, "webhook_disabled", str(hook.pk), began_at=before)

    told = browser(serving.person("olaf", "operator")).get(f"/api/v1/incidents/{row.pk}").json()

    assert told["decisions"]["newest"] == [str(decision.pk)]


def test_affected__of_events_set_aside__are_their_subjects_while_they_are():
    made = feedback.room()
    decision = feedback.flagged(made)
    feedback.hand_on()
    entry = OutboxEntry.objects.create(
        event=Event.objects.filter(outbox__isnull=True).first(),
        subject_key=f"decision:{decision.pk}",
        parked_at=clock.now(),
    )
    OutboxEntry.objects.create(
        event=Event.objects.filter(outbox__isnull=True).first(),
        subject_key=f"task:{ids.uuid7()}",
        parked_at=clock.now(),
    )
    row = services.begin(
        kind="events_parked", key="outbox", agent=None, data={}, began_at=clock.now(), path="/operations/",
        by=actors.SYSTEM,
    )  # fmt: skip
    client = browser(serving.person("olaf", "operator"))

    assert client.get(f"/api/v1/incidents/{row.pk}").json()["decisions"]["newest"] == [str(decision.pk)]
    entry.delete()
    over(row)
    assert client.get(f"/api/v1/incidents/{row.pk}").json()["decisions"] is None
    assert "None can be named" in client.get(f"/incidents/{row.pk}/").content.decode()


def test_api__key_of_a_person__lists_and_acts_like_the_pages(world, olaf):
    row = begin(world)
    over(row)
    reads = {"HTTP_AUTHORIZATION": f"Bearer {serving.personal_key(olaf, 'read')}"}
    acts = {"HTTP_AUTHORIZATION": f"Bearer {serving.personal_key(olaf, 'policies')}"}
    client, place = Client(), f"/api/v1/incidents/{row.pk}"

    listed = client.get("/api/v1/incidents", {"state": "open"}, **reads).json()
    assert [one["number"] for one in listed["incidents"]] == [row.pk]
    assert listed["after"] is None
    assert client.post(f"{place}/acknowledge", **reads).status_code == 403
    assert client.get("/api/v1/incidents", {"state": "odd"}, **reads).status_code == 422
    assert client.post(f"{place}/acknowledge", **acts).json()["lead"] == "Olaf Test"
    assert client.post(f"{place}/take", **acts).json()["state"] == "acknowledged"
    note = client.post(f"{place}/notes", {"text": "Seen."}, content_type="application/json", **acts)
    assert (note.status_code, note.json()["timeline"][0]["text"]) == (201, "Seen.")
    short = client.post(f"{place}/resolve", {"text": "no"}, content_type="application/json", **acts)
    assert [one["path"] for one in short.json()["errors"]] == ["text"]
    done = client.post(
        f"{place}/resolve", {"text": "A key had been left out."}, content_type="application/json", **acts
    )
    assert done.json()["state"] == "resolved"


def test_api__program__is_refused(world):
    begin(world)

    assert Client().get("/api/v1/incidents", HTTP_AUTHORIZATION=f"Bearer {world.key}").status_code == 403


def test_pages__much_in_the_room__ask_no_more(world, olaf):
    def asked(path: str) -> int:
        client = browser(olaf)
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(path).status_code == 200
        return len(found)

    row = begin(world, began_at=clock.now() - timedelta(minutes=1))
    few = asked("/incidents/"), asked(f"/incidents/{row.pk}/")
    for at in range(12):
        begin(world, key=f"key {at}")
        services.note(number=row.pk, text=f"Note {at}", by=olaf)
        decided(world)
    many = asked("/incidents/"), asked(f"/incidents/{row.pk}/")

    assert many == few
    assert max(many) <= 14


def test_declare__by_the_form__faults_stay_at_the_field_and_then_it_is_there(world, olaf):
    made = decided(world)
    client = browser(olaf)
    assert 'href="/incidents/declare/"' in client.get("/incidents/").text
    given = {"agent": "lending", "title": "Declined too often", "text": "no", "began_at": "2026-01-02T03:04"}

    refused = client.post("/incidents/declare/", given)
    assert refused.status_code == 422
    assert 'id="i-text-e"' in refused.text
    assert 'value="Declined too often"' in refused.text
    for change, field in (({"began_at": "soon"}, "began_at"), ({"agent": "other"}, "agent")):
        assert f'id="i-{field}-e"' in client.post("/incidents/declare/", given | change).text

    answer = client.post("/incidents/declare/", given | {"text": "Three declines in a row."})
    row = Incident.objects.get()
    assert answer["Location"] == f"/incidents/{row.pk}/"
    shown = client.get(answer["Location"]).text
    assert f"/decisions/{made.pk}/" in shown
    assert "By a person" in shown
    assert client.post(f"/incidents/{row.pk}/contain/", {"text": "x"}).status_code == 422
    assert client.post(f"/incidents/{row.pk}/contain/", {"text": "Rolled back by hand."}).status_code == 302
    assert "What was it, and what keeps it" in client.get(answer["Location"]).text


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
def test_declare__without_the_right__is_refused_and_not_offered(world, role):
    client = browser(serving.person("rosa", role))

    assert client.get("/incidents/declare/").status_code == 403
    assert "/incidents/declare/" not in client.get("/incidents/").text


@pytest.mark.parametrize("due", ["", "soon", "2026-13-45", "2020-01-01"])
def test_actions__day_that_does_not_do__is_told_at_the_field(world, olaf, due):
    row = begin(world)

    found = browser(olaf).post(f"/incidents/{row.pk}/actions/", {"what": "A guard", "owner": "olaf", "due": due})

    assert found.status_code == 422
    assert 'id="i-due-e"' in found.text
    assert 'value="A guard"' in found.text


def test_actions__planned_and_done__stand_in_the_table_of_who_reads_too(world, olaf):
    row = begin(world)
    client, place = browser(olaf), f"/incidents/{row.pk}/"
    assert client.post(f"{place}actions/", {"what": "A guard", "owner": "olaf", "due": "2040-01-01"}).status_code == 302
    action = row.actions.get()
    auditor = browser(serving.person("aude", "auditor"))
    assert "1 Jan 2040" in auditor.get(place).text
    assert auditor.post(f"{place}actions/{action.pk}/done/").status_code == 403
    assert (
        auditor.post(f"{place}actions/", {"what": "A guard", "owner": "olaf", "due": "2040-01-01"}).status_code == 403
    )

    assert client.post(f"{place}actions/{action.pk}/done/").status_code == 302
    assert client.get(f"{place}actions/{action.pk}/done/").status_code == 405
    action.refresh_from_db()
    assert action.finished_by == olaf


def test_api__declared_planned_finished_and_over(world, olaf):
    acts = {
        "HTTP_AUTHORIZATION": f"Bearer {serving.personal_key(olaf, 'policies')}",
        "content_type": "application/json",
    }
    client = Client()
    made = client.post(
        "/api/v1/incidents", {"agent": "lending", "title": "Odd", "text": "Three declines in a row."}, **acts
    )
    assert made.status_code == 201
    place = f"/api/v1/incidents/{made.json()['number']}"
    planned = client.post(f"{place}/actions", {"what": "A guard", "owner": "olaf", "due": "2040-01-01"}, **acts)
    (action,) = planned.json()["actions"]
    done = client.post(f"{place}/actions/{action['id']}/finish", **acts).json()
    assert done["actions"][0]["finished_by"] == "Olaf Test"
    assert client.post(f"{place}/contain", {"text": "Rolled back by hand."}, **acts).json()["holds"] is False
    assert client.post("/api/v1/incidents", {"agent": "none", "title": "Odd", "text": "x"}, **acts).status_code == 404
