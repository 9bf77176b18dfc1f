"""The page on which many cases are arranged at once."""

import pytest
from django.test import Client

from corrections.models import Task
from corrections.services import queues
from reviewapp.core.accounts import actors
from tests.factories.feedback import room, waiting
from tests.factories.serving import personal_key
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(made):
    """A second review queue."""
    agent = made.world.agent
    return queues.configure(code="large", name="Large", agent_id=agent.pk, agent_slug=agent.slug, by=actors.SYSTEM)


def test_search__keeper__chooses_cases_and_others_do_not(made, sign):
    (task,) = waiting(made, 1)
    assert f'value="{task.pk}" form="arrange"' in main(sign("operator").get("/search/", {"q": "state:open"}))
    assert "arrange" not in main(sign("reviewer", name="bo").get("/search/", {"q": "state:open"}))


def test_arrange__chosen__are_shown_once_more_and_then_moved(made, other, sign):
    rows = waiting(made, 2)
    client = sign("operator")
    page = main(client.post("/search/arrange/", {"task": [str(row.pk) for row in rows]}))
    assert "With these 2 cases" in page
    assert not Task.objects.filter(queue=other).exists()
    sure = {"task": [str(row.pk) for row in rows], "sure": "1", "action": "move", "queue": str(other.pk)}
    assert "2 cases done" in main(client.post("/search/arrange/", sure))
    again = main(client.post("/search/arrange/", sure))
    assert "0 cases done" in again
    assert "Choose another review queue" in again


def test_arrange__what_does_not_fit__is_told_and_the_choice_stays(made, sign):
    (task,) = waiting(made, 1)
    sure = {"task": [str(task.pk)], "sure": "1", "action": "priority", "priority": "many"}
    answer = sign("operator").post("/search/arrange/", sure)
    assert (answer.status_code, 'id="a-priority-e"' in main(answer)) == (422, True)
    assert 'value="many"' in main(answer)
    assert f'value="{task.pk}" checked' in main(answer)


def test_arrange__nothing_chosen_or_anothers__says_so(made, sign):
    assert "No case is chosen" in main(sign("operator").post("/search/arrange/", {"task": ["x"]}))
    (task,) = waiting(made, 1)
    stranger = sign("operator", agent=room(slug="elsewhere").world.agent, name="eve")
    assert "No case is chosen" in main(stranger.post("/search/arrange/", {"task": [str(task.pk)]}))


def test_arrange__others_or_wrong_verb__are_refused(made, sign):
    assert sign("reviewer").post("/search/arrange/").status_code == 403
    assert sign("operator", name="mei").get("/search/arrange/").status_code == 405
    assert Client().post("/search/arrange/").status_code == 302


def test_api__arrange__tells_what_became_of_each(made, other, sign):
    rows = waiting(made, 2)
    key = {
        "HTTP_AUTHORIZATION": f"Bearer {personal_key(sign('operator').user, 'policies')}",
        "content_type": "application/json",
    }
    body = {"tasks": [str(row.pk) for row in rows], "action": "priority", "priority": 7}
    assert [one["fault"] for one in Client().post("/api/v1/tasks/arrange", body, **key).json()] == ["", ""]
    wrong = Client().post("/api/v1/tasks/arrange", {**body, "priority": 700}, **key)
    assert (wrong.status_code, [one["path"] for one in wrong.json()["errors"]]) == (422, ["priority"])
