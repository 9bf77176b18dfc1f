"""The page on which a correction is recalled."""

import pytest
from django.test import Client

from corrections.models import Recall, Task
from tests.factories.feedback import flagged, hand_on, submit
from tests.factories.serving import personal_key
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(made, sign):
    """A signed-in reviewer with one correction, and the address of its recall."""
    client = sign("reviewer")
    done = submit(Task.objects.get(decision=flagged(made)), client.user)
    hand_on()
    return client, f"/corrections/{done.correction_id}/recall/"


def test_home__own_correction__offers_to_recall_it(author):
    client, address = author
    assert address in main(client.get("/"))


def test_page__recallable__says_what_it_does(author):
    client, address = author
    page = main(client.get(address))
    assert "the case is open again, for somebody else" in page
    assert "The agent is told" in page


def test_recall__with_a_reason__is_done_and_shown(author):
    client, address = author
    page = client.post(address, {"reason": "Misread."}, follow=True)
    assert "Recalled: it counts no more" in page.text
    assert "You recalled it" in main(page)
    assert Recall.objects.get().reason == "Misread."
    assert "It cannot be recalled" in main(client.get(address))
    assert "already" in client.post(address, {"reason": "Again."}, follow=True).text


def test_recall__without_a_reason__is_told_at_the_field(author):
    client, address = author
    answer = client.post(address, {"reason": " "})
    assert (answer.status_code, 'id="f-reason-e"' in main(answer)) == (422, True)
    assert not Recall.objects.exists()


def test_page__somebody_elses_or_unknown_or_wrong_verb__is_refused(author, sign):
    _, address = author
    other = sign("reviewer", name="bo")
    assert other.get(address).status_code == 404
    assert other.post(address, {"reason": "x"}).status_code == 404
    assert other.get("/corrections/019a0000-0000-7000-8000-000000000000/recall/").status_code == 404
    assert other.put(address).status_code == 405
    assert Client().get(address).status_code == 302


def test_api__recall__is_done_once(author):
    client, address = author
    key = {"HTTP_AUTHORIZATION": f"Bearer {personal_key(client.user, 'review')}", "content_type": "application/json"}
    at = "/api/v1" + address.rstrip("/")
    api = Client()
    assert api.get("/api/v1/corrections", **key).json()[0]["recallable"] is True
    wrong = api.post(at, {"reason": ""}, **key)
    assert (wrong.status_code, [one["path"] for one in wrong.json()["errors"]]) == (422, ["reason"])
    assert api.post(at, {"reason": "Misread."}, **key).status_code == 201
    again = api.post(at, {"reason": "Misread."}, **key)
    assert (again.status_code, again.json()["code"]) == (409, "not_recallable")
