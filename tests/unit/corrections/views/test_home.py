"""My queues: what waits, what is back, what became of it, and the way in."""

from datetime import timedelta

import pytest
from django.test import Client

from corrections.models import Task
from corrections.services import tasks
from reviewapp.core import clock
from tests.factories.feedback import flagged, hand_on, room, submit, waiting
from tests.factories.serving import person
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_home__works__counts_queues_and_names_what_is_next(made, sign):
    for amount in (900.0, 901.0, 902.0):
        flagged(made, amount=amount)
    urgent = Task.objects.filter(pk=Task.objects.first().pk)
    urgent.update(due_at=clock.now() - timedelta(minutes=4), priority=90)
    page = sign("reviewer").get("/")
    assert page.context["waiting"] == 3
    assert page.context["overdue"] == 1
    assert "Start reviewing" in main(page)
    assert "4 min over" in main(page)
    assert "1 overdue" in main(page)


def test_home__judged_today__is_counted_and_says_what_became_of_it(made, sign):
    client = sign("reviewer")
    flagged(made)
    submit(Task.objects.get(), client.user)
    hand_on()
    page = client.get("/")
    assert page.context["reviewed_total"] == 1
    assert "1 corrected, 0 agreed" in main(page)
    assert "Became the consensus" in main(page)


def test_home__others_judged_too__says_how_often_it_was_settled_so(sign):
    made = room(seats=2)
    client, other = sign("reviewer"), person("bo", "reviewer")
    flagged(made)
    first, second = Task.objects.order_by("seat")
    submit(first, client.user)
    submit(second, other)
    hand_on()
    agreement = client.get("/").context["agreement"]
    assert (agreement.same, agreement.settled) == (1, 1)


def test_home__held_task__is_back_with_the_person(made, sign, held):
    client = sign("reviewer")
    (task,) = waiting(made, 1)
    held(task, client.user)
    page = client.get("/")
    assert "Held by you" in main(page)
    assert "Go on reviewing" in main(page)


def test_home__person_of_another_agent__sees_nothing_of_this_one(made, sign):
    other = room(slug="other")
    waiting(made, 1)
    page = sign("reviewer", agent=other.world.agent).get("/")
    assert [row.agent_slug for row in page.context["queues"]] == ["other", "other"]
    assert page.context["next_up"] is None


def test_home__auditor__reads_and_has_nothing_to_start(made, sign):
    waiting(made, 1)
    page = sign("auditor").get("/")
    assert "You read along" in main(page)
    assert "Read only" in main(page)
    assert "Start" not in main(page)


def test_home__no_role__says_how_to_get_a_queue(made, sign):
    assert "No queue to see yet" in sign().get("/").text


def test_home__not_signed_in__asks_to_sign_in(made):
    answer = Client().get("/")
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_home__fragment__is_the_queues_alone(made, sign):
    page = sign("reviewer").get("/", headers=HTMX)
    assert "<html" not in page.text
    assert 'id="queues"' in page.text


def test_home__wrong_verb__is_refused(made, sign):
    client = sign("reviewer")
    assert client.post("/").status_code == 405
    assert client.get("/start/").status_code == 405


def test_start__something_waits__claims_the_most_urgent_and_opens_it(made, sign):
    tasks_waiting = waiting(made, 3)
    urgent = tasks_waiting[1]
    Task.objects.filter(pk=urgent.pk).update(priority=95)
    client = sign("reviewer")
    assert client.post("/start/").url == f"/tasks/{urgent.pk}/"
    urgent.refresh_from_db()
    assert urgent.lease_holder == client.user


def test_start__holds_one_already__opens_that_one_and_claims_no_other(made, sign, held):
    client = sign("reviewer")
    first, second = waiting(made, 2)
    held(second, client.user)
    assert client.post("/start/").url == f"/tasks/{second.pk}/"
    first.refresh_from_db()
    assert first.lease_holder is None


def test_start__nothing_waits__stays_and_says_so(made, sign):
    page = sign("reviewer").post("/start/", follow=True)
    assert "Nothing waits for you right now" in page.text


def test_start__auditor__gets_nothing(made, sign):
    (task,) = waiting(made, 1)
    sign("auditor").post("/start/")
    task.refresh_from_db()
    assert task.lease_holder is None


def test_start__somebody_was_faster__stays_and_says_so(made, sign, monkeypatch):
    waiting(made, 1)
    monkeypatch.setattr(tasks, "claim", lambda **_: None)
    assert "Nothing waits for you right now" in sign("reviewer").post("/start/", follow=True).text
