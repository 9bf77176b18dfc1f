"""The page and the fragment that hand a case to a colleague."""

from uuid import uuid4

import pytest

from corrections.models import Draft, Task
from tests.factories.feedback import WORDS, room, waiting
from tests.factories.serving import person
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(made, sign, held):
    """A reviewer at a case they hold, with a colleague."""
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    client.task, client.token, client.path = task, held(task, client.user), f"/tasks/{task.pk}/hand-over"
    client.colleague = person("bo", "reviewer")
    return client


def test_hand_over__page__lists_colleagues_and_hands_over_what_was_saved(desk):
    desk.post(f"/tasks/{desk.task.pk}/draft", {"token": desk.token, "verdict": "agree", "justification": WORDS})
    text = main(desk.get(desk.path))
    assert '<option value="bo">Bo Test</option>' in text
    assert 'value="ada"' not in text
    assert f'value="{desk.token}"' in text
    answer = desk.post(desk.path, {"token": desk.token, "to": "bo", "note": "Please look."}, follow=True)
    assert answer.redirect_chain[0][0] == f"/queues/{desk.task.queue_id}/"
    assert "Handed to Bo Test, with your draft" in answer.text
    assert Task.objects.get().lease_holder == desk.colleague
    assert Draft.objects.get(reviewer=desk.colleague).body["justification"] == WORDS


def test_hand_over__fragment__sends_the_form_along(desk):
    fragment = desk.get(desk.path, headers=HTMX).text
    assert fragment.strip().startswith('<div id="conflict"')
    assert 'form="hand-over"' in fragment
    sent = {"token": desk.token, "to": "bo", "verdict": "agree", "justification": WORDS, "time_spent_ms": "100"}
    answer = desk.post(desk.path, sent, headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/queues/{desk.task.queue_id}/")
    assert Draft.objects.get(reviewer=desk.colleague).body["justification"] == WORDS


def test_hand_over__receiver__reads_by_whom_and_the_note(desk, sign):
    desk.post(desk.path, {"token": desk.token, "to": "bo", "note": "<b>Look</b> here"})
    desk.logout()
    desk.force_login(desk.colleague)
    text = main(desk.get(f"/tasks/{desk.task.pk}/"))
    assert "Ada Test handed you this case" in text
    assert "&lt;b&gt;Look&lt;/b&gt; here" in text
    assert 'name="verdict"' in text


def test_hand_over__workbench__offers_it_only_to_the_holder(desk, sign):
    assert desk.path in desk.get(f"/tasks/{desk.task.pk}/").text
    other = sign("reviewer", name="cy")
    assert desk.path not in other.get(f"/tasks/{desk.task.pk}/").text
    assert "You do not hold this case" in main(other.get(desk.path))


def test_hand_over__fault__stands_at_the_field_with_what_was_typed(desk):
    answer = desk.post(desk.path, {"token": desk.token, "to": "", "note": "Keep me"})
    assert answer.status_code == 422
    assert "Choose a colleague." in main(answer)
    assert "Keep me" in main(answer)


def test_hand_over__lost_lease__says_so(desk):
    answer = desk.post(desk.path, {"token": "99", "to": "bo"}, headers=HTMX)
    assert answer.status_code == 409
    assert "You have taken this task again in another window." in answer.text


def test_hand_over__auditor_stranger_and_unknown__are_refused(desk, sign):
    auditor = sign("auditor", name="eve")
    assert (auditor.get(desk.path).status_code, auditor.post(desk.path).status_code) == (403, 403)
    stranger = sign("reviewer", name="far", agent=room(slug="other").world.agent)
    assert (stranger.get(desk.path).status_code, stranger.post(desk.path).status_code) == (404, 404)
    assert desk.get(f"/tasks/{uuid4()}/hand-over").status_code == 404
    assert desk.get("/tasks/nonsense/hand-over").status_code == 404
    assert desk.put(desk.path).status_code == 405
