"""The blind workbench: step one without the agent's decision, step two with both."""

import json
from typing import Any

import pytest
from django.test import Client

from corrections.models import Correction, Draft, FirstJudgement, Queue, Task
from tests.factories.feedback import WORDS, flagged, room
from tests.unit.corrections.views.pages import fields_of, main

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def desk(made, sign, held) -> Any:
    """A reviewer at a blind case they hold."""
    Queue.objects.filter(pk=made.standard.pk).update(blind_percent=100)
    flagged(made)
    task = Task.objects.get()
    client = sign("reviewer")
    client.task, client.token = task, held(task, client.user)
    return client


def entered(client: Any, **changes: Any) -> dict[str, Any]:
    return {
        "token": client.token,
        "verdict": "correct",
        "output_shown": "1",
        "output.action": "decline",
        "justification": WORDS,
        "confidence": "4",
        **changes,
    }


def test_page__before_the_own_judgement__asks_for_it_and_hides_the_rest(desk):
    page = main(desk.get(f"/tasks/{desk.task.pk}/"))
    assert "Step 1 of 2: your own judgement" in page
    assert "hidden until you record yours" in page
    assert "Record my judgement" in page
    for hidden in ('id="why"', 'id="similar"', 'name="reason_code"', 'id="v-agree"', "Flagged for review"):
        assert hidden not in page


def test_judge__complete__is_kept_and_shows_the_decision_in_place(desk):
    answer = desk.post(f"/tasks/{desk.task.pk}/judgement", entered(desk), **HTMX)
    assert json.loads(answer["HX-Location"])["path"] == f"/tasks/{desk.task.pk}/"
    assert FirstJudgement.objects.get().output == {"action": "decline"}
    page = main(desk.get(f"/tasks/{desk.task.pk}/"))
    assert "You first" in page
    assert "Keep yours or change it" in page
    assert 'id="v-correct" value="correct" data-verdict="c" data-then="f-output" checked' in page
    assert WORDS in page


def test_judge__without_script__goes_back_to_the_case(desk):
    answer = desk.post(f"/tasks/{desk.task.pk}/judgement", entered(desk), follow=True)
    assert answer.redirect_chain == [(f"/tasks/{desk.task.pk}/", 302)]
    assert "This is what the agent decided" in answer.content.decode()


def test_judge__cannot_tell__is_recorded_without_an_answer(desk):
    desk.post(f"/tasks/{desk.task.pk}/judgement", entered(desk, cannot_tell="1", **{"output.action": ""}))
    assert FirstJudgement.objects.get().output is None
    assert "Can’t tell from the inputs" in main(desk.get(f"/tasks/{desk.task.pk}/"))


def test_judge__nothing_chosen__says_so_at_the_field_and_keeps_the_words(desk):
    answer = desk.post(f"/tasks/{desk.task.pk}/judgement", entered(desk, **{"output.action": ""}), **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem with your judgement" in page
    assert WORDS in page
    assert not FirstJudgement.objects.exists()


def test_judge__lease_lost__keeps_the_draft(desk):
    answer = desk.post(f"/tasks/{desk.task.pk}/judgement", entered(desk, token="99"), **HTMX)
    assert answer.status_code == 409
    assert Draft.objects.get().body["justification"] == WORDS
    assert not FirstJudgement.objects.exists()


def test_form__redrawn_or_drafted__still_shows_nothing(desk):
    for verdict in ("agree", "correct"):
        page = desk.post(f"/tasks/{desk.task.pk}/form", entered(desk, verdict=verdict), **HTMX).content.decode()
        assert 'id="diff"' not in page
        assert 'name="output.action"' in page
    kept = desk.post(f"/tasks/{desk.task.pk}/draft", entered(desk), **HTMX)
    assert kept.status_code == 200


def test_submit__before_the_own_judgement__is_refused(desk):
    answer = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk, verdict="agree"), **HTMX)
    assert answer.status_code == 409
    assert "record your own judgement first" in answer.content.decode()
    assert not Correction.objects.exists()


def test_submit__after_it__takes_what_the_page_carries(desk):
    desk.post(f"/tasks/{desk.task.pk}/judgement", entered(desk))
    carried = fields_of(main(desk.get(f"/tasks/{desk.task.pk}/")))
    answer = desk.post(f"/tasks/{desk.task.pk}/submit", {**carried, "reason_code": "income", "evidence": ["/duration"]})
    assert answer.status_code == 302
    assert Correction.objects.get().output == {"action": "decline"}


def test_judge__other_people_and_verbs__get_what_they_should(desk, sign):
    path = f"/tasks/{desk.task.pk}/judgement"
    assert desk.get(path).status_code == 405
    assert desk.post(f"/tasks/{desk.task.pk.hex[::-1]}/judgement", entered(desk)).status_code == 404
    assert sign("auditor", name="eva").post(path, entered(desk)).status_code == 403
    elsewhere = room(slug="elsewhere").world.agent
    assert sign("reviewer", agent=elsewhere, name="bo").post(path, entered(desk)).status_code == 404
    assert Client().post(path, entered(desk)).status_code == 302
