"""One queue: its open cases, page by page, and the way to the next one."""

from uuid import uuid4

import pytest

from corrections.models import Task
from corrections.services import tasks
from tests.factories.feedback import flagged, room, waiting
from tests.factories.serving import person
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_queue__works__shows_case_reason_and_deadline(made, sign):
    flagged(made)
    page = sign("reviewer").get(f"/queues/{made.standard.pk}/")
    assert Task.objects.get().title in main(page)
    assert "below the limit" in main(page)
    assert "Start reviewing" in main(page)
    assert 'class="sla' in main(page)


def test_queue__held_tasks__say_with_whom(made, sign, held):
    client, other = sign("reviewer"), person("bo", "reviewer")
    first, second = waiting(made, 2)
    held(first, client.user)
    held(second, other)
    text = client.get(f"/queues/{made.standard.pk}/").text
    assert "Held by you" in text
    assert "Bo Test" in text


def test_queue__pages__reach_every_task_once_in_order(made, sign, settings):
    settings.PAGE_SIZE = 2
    waiting(made, 5)
    client, path, seen = sign("reviewer"), f"/queues/{made.standard.pk}/", []
    after = ""
    while True:
        page = client.get(path, {"after": after} if after else {})
        seen += [row.id for row in page.context["rows"]]
        after = page.context["next"]
        if not after:
            break
    assert seen == list(Task.objects.order_by("-priority", "due_at", "pk").values_list("pk", flat=True))


def test_queue__mangled_page_link__says_what_to_do(made, sign):
    page = sign("reviewer").get(f"/queues/{made.standard.pk}/?after=nonsense")
    assert page.status_code == 422
    assert "Start at the first page" in main(page)


def test_queue__person_of_another_agent__does_not_exist(made, sign):
    client = sign("reviewer", agent=room(slug="other").world.agent)
    assert client.get(f"/queues/{made.standard.pk}/").status_code == 404
    assert client.post(f"/queues/{made.standard.pk}/next").status_code == 404


def test_queue__auditor__reads_but_may_not_claim(made, sign):
    (task,) = waiting(made, 1)
    client = sign("auditor")
    page = client.get(f"/queues/{made.standard.pk}/")
    assert "You read along" in main(page)
    assert "Start reviewing" not in main(page)
    assert client.post(f"/queues/{made.standard.pk}/next").status_code == 403
    task.refresh_from_db()
    assert task.lease_holder is None


def test_queue__reviewer_in_the_senior_queue__reads_along(made, sign):
    client = sign("reviewer")
    assert "You read along" in client.get(f"/queues/{made.senior.pk}/").text
    assert client.post(f"/queues/{made.senior.pk}/next").status_code == 403


def test_queue__unknown__does_not_exist(made, sign):
    client = sign("reviewer")
    assert client.get(f"/queues/{uuid4()}/").status_code == 404
    assert client.get("/queues/nonsense/").status_code == 404


def test_queue__wrong_verb__is_refused(made, sign):
    client = sign("reviewer")
    assert client.post(f"/queues/{made.standard.pk}/").status_code == 405
    assert client.get(f"/queues/{made.standard.pk}/next").status_code == 405


def test_queue__fragment__is_the_rows_alone(made, sign):
    waiting(made, 1)
    page = sign("reviewer").get(f"/queues/{made.standard.pk}/", headers=HTMX)
    assert "<html" not in page.text
    assert 'id="rows"' in page.text


def test_queue__empty__says_so_and_offers_another(made, sign):
    other = room(slug="other")
    waiting(other, 1)
    text = sign("reviewer").get(f"/queues/{made.standard.pk}/").text
    assert "Nothing waits here" in text
    assert "Go on in another queue" in text


def test_next__something_waits__claims_it_and_opens_it(made, sign):
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    assert client.post(f"/queues/{made.standard.pk}/next").url == f"/tasks/{task.pk}/"
    task.refresh_from_db()
    assert task.lease_holder == client.user


def test_next__nothing_waits__returns_to_the_queue(made, sign):
    page = sign("reviewer").post(f"/queues/{made.standard.pk}/next", follow=True)
    assert page.redirect_chain[-1][0] == f"/queues/{made.standard.pk}/"
    assert "Nothing in this queue is for you right now" in page.text


def test_next__holds_too_many__is_shown_what_they_hold(made, sign, held):
    client = sign("reviewer")
    for task in waiting(made, tasks.MAX_HELD + 1)[: tasks.MAX_HELD]:
        held(task, client.user)
    page = client.post(f"/queues/{made.standard.pk}/next", follow=True)
    assert page.redirect_chain[-1][0] == "/"
    assert f"You hold {tasks.MAX_HELD} tasks" in page.text
