"""The pages on which queues are kept."""

from typing import Any

import pytest
from django.test import Client

from corrections.models import Queue
from tests.factories.feedback import flagged, room
from tests.factories.serving import personal_key, world
from tests.unit.corrections.views.pages import fields_of, main

pytestmark = pytest.mark.django_db


def entered(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Flagged loans",
        "purpose": "",
        "seats": "2",
        "due_minutes": "30",
        "hold_minutes": "7,5",
        "blind_percent": "10",
        "position": "5",
        "most_seats": "4",
        **changes,
    }


def test_list__keeper__sees_how_queues_work_and_what_is_lacking(made, sign):
    world(slug="elsewhere")
    page = main(sign("policy_admin").get("/queues/"))
    assert "Review" in page
    assert f"/queues/{made.standard.pk}/settings/" in page
    assert page.count("No queue for") == 2
    assert "/queues/new/elsewhere/?kind=standard" in page


def test_list__reader__has_no_buttons(made, sign):
    world(slug="elsewhere")
    page = main(sign("auditor").get("/queues/"))
    assert "/settings/" not in page
    assert "/queues/new/" not in page
    assert "No queue for" in page


def test_list__nobody_s_agents__says_so(made, sign):
    assert "No agents to see" in main(sign().get("/queues/"))


def test_settings__saved__changes_the_queue_and_shows_it(made, sign):
    client = sign("operator")
    answer = client.post(f"/queues/{made.standard.pk}/settings/", entered(), follow=True)
    assert "Saved" in answer.content.decode()
    queue = Queue.objects.get(pk=made.standard.pk)
    assert (queue.seats, queue.lease_seconds, queue.blind_percent, queue.most_seats) == (2, 450, 10, 4)
    assert fields_of(main(answer))["hold_minutes"] == ["7.5"]


@pytest.mark.parametrize("field", ["seats", "due_minutes", "hold_minutes", "blind_percent", "position"])
@pytest.mark.parametrize("value", ["", "many", "-3", "9" * 40, "nan", "1e309"])
def test_settings__no_number__says_so_at_the_field_and_keeps_the_rest(made, sign, field, value):
    answer = sign("operator").post(f"/queues/{made.standard.pk}/settings/", entered(**{field: value}))
    page = main(answer)
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in page
    assert 'value="Flagged loans"' in page
    assert Queue.objects.get(pk=made.standard.pk).name == made.standard.name


def test_make__missing_kind__is_made(sign):
    agent = world().agent
    client = sign("policy_admin")
    assert 'value="Senior review"' in main(client.get(f"/queues/new/{agent.slug}/?kind=senior"))
    client.post(f"/queues/new/{agent.slug}/?kind=senior", entered(blind_percent="0"))
    assert Queue.objects.get(agent=agent).kind == "senior"
    again = client.post(f"/queues/new/{agent.slug}/?kind=senior", entered())
    assert (again.status_code, "a senior queue already" in main(again)) == (422, True)
    assert client.get(f"/queues/new/{agent.slug}/?kind=what").status_code == 404


def test_pause__with_and_without_a_reason__and_back(made, sign):
    flagged(made)
    client = sign("policy_admin", "reviewer")
    bare = client.post(f"/queues/{made.standard.pk}/pause", {"reason": " "})
    assert (bare.status_code, "Say why" in main(bare)) == (422, True)
    page = main(client.post(f"/queues/{made.standard.pk}/pause", {"reason": "Feed down."}, follow=True))
    assert "Paused by Ada Test" in page
    assert "Feed down." in main(client.get(f"/queues/{made.standard.pk}/"))
    assert "Start reviewing" not in main(client.get(f"/queues/{made.standard.pk}/"))
    assert ">Paused<" in main(client.get("/"))
    client.post(f"/queues/{made.standard.pk}/resume")
    assert "Start reviewing" in main(client.get(f"/queues/{made.standard.pk}/"))


@pytest.mark.parametrize("path", ["settings/", "pause", "resume"])
def test_pages__others__get_what_they_should(made, sign, path):
    address = f"/queues/{made.standard.pk}/{path}"
    assert sign("auditor", name="eva").post(address, entered(reason="x")).status_code == 403
    elsewhere = room(slug="elsewhere").world.agent
    assert sign("policy_admin", agent=elsewhere, name="bo").post(address, entered(reason="x")).status_code == 404
    assert Client().post(address).status_code == 302
    assert sign("policy_admin", name="h").delete(address).status_code == 405


def test_api__keeps_queues_as_the_pages_do(made, sign):
    user = sign("policy_admin").user
    key = {"HTTP_AUTHORIZATION": f"Bearer {personal_key(user, 'policies')}", "content_type": "application/json"}
    client, agent = Client(), world(slug="elsewhere").agent
    new = client.post(f"/api/v1/agents/{agent.slug}/queues", {"kind": "standard", "name": "Second", "seats": 3}, **key)
    assert (new.status_code, new.json()["seats"], new.json()["paused_at"]) == (201, 3, None)
    at = f"/api/v1/queues/{new.json()['id']}"
    assert client.patch(at, {"due_minutes": 15}, **key).json()["due_minutes"] == 15
    assert client.get(at, **key).json()["seats"] == 3
    wrong = client.patch(at, {"seats": 9}, **key)
    assert (wrong.status_code, [one["path"] for one in wrong.json()["errors"]]) == (422, ["seats"])
    assert client.post(f"{at}/pause", {"reason": "Feed down."}, **key).json()["pause_reason"] == "Feed down."
    assert client.post(f"{at}/resume", **key).json()["paused_at"] is None
