"""The page on which a queue's points are set."""

from dataclasses import asdict

import pytest
from django.test import Client

from corrections.models import PriorityWeights
from corrections.rules.priority import USUAL
from tests.factories.feedback import flagged, room
from tests.factories.serving import personal_key
from tests.unit.corrections.views.pages import fields_of, main

pytestmark = pytest.mark.django_db


def entered(**changes):
    return {**{name: str(value) for name, value in asdict(USUAL).items()}, "op": "save", **changes}


def at(made) -> str:
    return f"/queues/{made.standard.pk}/priority/"


def test_page__queue_without_own_points__shows_the_usual(made, sign):
    page = main(sign("operator").get(at(made)))
    assert "The usual points" in page
    assert fields_of(page)["sampled"] == ["-20"]


def test_save__points__are_shown_and_kept(made, sign):
    client = sign("policy_admin")
    page = main(client.post(at(made), entered(waiting="15", age_points="5", age_hours="2"), follow=True))
    assert "Own points" in page
    assert fields_of(page)["waiting"] == ["15"]
    assert PriorityWeights.objects.get().age_hours == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("waiting", "many"), ("waiting", "101"), ("value_full", "x"), ("age_hours", "9" * 30), ("value", "5")],
)
def test_save__what_does_not_fit__is_told_at_its_field_and_kept(made, sign, field, value):
    answer = sign("operator").post(at(made), entered(**{field: value}))
    assert answer.status_code == 422
    assert fields_of(main(answer))[field] == [value]
    assert "-e" in main(answer)
    assert not PriorityWeights.objects.exists()


def test_try__points__shows_the_order_and_saves_nothing(made, sign):
    flagged(made, amount=100.0)
    flagged(made, amount=1000.0)
    tried = entered(op="try", value="50", value_of="input.amount", value_full="1000")
    page = main(sign("operator").post(at(made), tried))
    assert "of 2 waiting cases, nothing is saved" in page
    assert fields_of(page)["value"] == ["50"]
    assert not PriorityWeights.objects.exists()


def test_try__empty_queue__says_so(made, sign):
    assert "No case waits" in main(sign("operator").post(at(made), entered(op="try")))


def test_page__others__get_what_they_should(made, sign):
    assert sign("auditor", name="eva").get(at(made)).status_code == 403
    elsewhere = room(slug="elsewhere").world.agent
    assert sign("operator", agent=elsewhere, name="bo").get(at(made)).status_code == 404
    client = sign("operator")
    assert client.get(f"/queues/{made.senior.pk}/priority/").status_code == 404
    assert client.get("/queues/019a0000-0000-7000-8000-000000000000/priority/").status_code == 404
    assert client.delete(at(made)).status_code == 405
    assert Client().get(at(made)).status_code == 302


def test_api__reads_and_changes_what_is_sent(made, sign):
    user = sign("operator").user
    key = {"HTTP_AUTHORIZATION": f"Bearer {personal_key(user, 'policies')}", "content_type": "application/json"}
    client, address = Client(), f"/api/v1/queues/{made.standard.pk}/weights"
    assert client.get(address, **key).json()["escalated"] == 40
    assert client.patch(address, {"waiting": 12}, **key).json()["waiting"] == 12
    wrong = client.patch(address, {"waiting": 1000}, **key)
    assert (wrong.status_code, [one["path"] for one in wrong.json()["errors"]]) == (422, ["waiting"])
    assert client.get(address, **key).json()["waiting"] == 12
