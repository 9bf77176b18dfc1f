"""The workbench to read: the case with its evidence, and who may do what with it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from guardian.models import UserObjectPermission

from corrections.models import Task
from corrections.services import escalations
from reviewapp.core import clock
from tests.factories.decisions import decided
from tests.factories.feedback import flagged, hand_on, room, submit, waiting
from tests.factories.serving import UNSURE_INPUT, person
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
ACTIONS = ("claim", "form", "draft", "submit", "renew", "release")


def test_task__works__shows_decision_inputs_explanation_and_contract(made, sign, held):
    decision = flagged(made)
    task = Task.objects.get()
    client = sign("reviewer")
    held(task, client.user)
    page = client.get(f"/tasks/{task.pk}/")
    text = main(page)
    assert task.title in text
    assert "Flagged for review:" in text
    assert decision.output["action"].capitalize() in text
    assert "24 months" in text
    assert "Contributions to the score" in text
    assert "R-001" in text
    assert "Within 5000 ms" in text
    assert f'value="{page.context["case"].token}"' in text


def test_task__no_draft__preselects_no_verdict(made, sign, held):
    flagged(made)
    client = sign("reviewer")
    task = Task.objects.get()
    held(task, client.user)
    text = main(client.get(f"/tasks/{task.pk}/"))
    assert 'name="verdict"' in text
    assert " checked" not in text.replace("Rules checked", "")


def test_task__sensitive_input__is_named_but_its_value_never_sent(made, sign):
    decided(made.world, {**UNSURE_INPUT, "age": 7177})
    hand_on()
    text = sign("reviewer").get(f"/tasks/{Task.objects.get().pk}/").text
    assert "Withheld from this review" in text
    assert "7177" not in text


def test_task__proposing_agent__shows_its_words_and_tool_calls(sign):
    made = room(
        slug="assistant", mode="propose", policy={"model": {"kind": "none"}, "guardrails": [], "exceptions": []}
    )
    told = {
        "output": {"action": "approve"},
        "confidence": 0.41,
        "model": "assistant-3",
        "tool_calls": [{"name": "find_order", "arguments": {"order": "2013"}}],
    }
    decided(made.world, UNSURE_INPUT, proposal=told)
    hand_on()
    text = main(sign("reviewer").get(f"/tasks/{Task.objects.get().pk}/"))
    assert "Proposed by the agent" in text
    assert "assistant-3" in text
    assert "find_order" in text
    assert "2013" in text
    assert "No model took part" in text


def test_task__nobody_holds_it__offers_to_take_it(made, sign):
    (task,) = waiting(made, 1)
    text = main(sign("reviewer").get(f"/tasks/{task.pk}/"))
    assert "Take this case" in text
    assert 'name="verdict"' not in text


def test_task__held_by_another__says_by_whom(made, sign, held):
    (task,) = waiting(made, 1)
    held(task, person("bo", "reviewer"))
    text = main(sign("reviewer").get(f"/tasks/{task.pk}/"))
    assert "Bo Test is working on this" in text
    assert 'name="verdict"' not in text


def test_task__auditor__reads_without_a_form_and_every_action_is_refused(made, sign):
    (task,) = waiting(made, 1)
    client = sign("auditor")
    text = main(client.get(f"/tasks/{task.pk}/"))
    assert "You read along" in text
    assert 'name="verdict"' not in text
    for action in ("claim", "form", "draft", "submit"):
        assert client.post(f"/tasks/{task.pk}/{action}", {"verdict": "agree"}).status_code == 403, action
    task.refresh_from_db()
    assert (task.lease_holder, task.state) == (None, "open")


def test_task__person_of_another_agent__does_not_exist(made, sign):
    (task,) = waiting(made, 1)
    client = sign("reviewer", agent=room(slug="other").world.agent)
    assert client.get(f"/tasks/{task.pk}/").status_code == 404
    assert client.get(f"/tasks/{task.pk}/hold").status_code == 404
    for action in ACTIONS:
        assert client.post(f"/tasks/{task.pk}/{action}").status_code == 404, action


def test_task__unknown__does_not_exist(made, sign):
    client = sign("reviewer")
    assert client.get(f"/tasks/{uuid4()}/").status_code == 404
    assert client.get("/tasks/nonsense/").status_code == 404


def test_task__wrong_verb__is_refused(made, sign):
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    assert client.post(f"/tasks/{task.pk}/").status_code == 405
    assert client.post(f"/tasks/{task.pk}/hold").status_code == 405
    for action in ACTIONS:
        assert client.get(f"/tasks/{task.pk}/{action}").status_code == 405, action


def test_task__fragment__is_the_review_pane_alone(made, sign):
    (task,) = waiting(made, 1)
    page = sign("reviewer").get(f"/tasks/{task.pk}/", headers=HTMX)
    assert "<html" not in page.text
    assert "Take this case" in page.text


def test_task__judged_by_me__shows_what_i_said(made, sign):
    client = sign("reviewer")
    flagged(made)
    task = Task.objects.get()
    submit(task, client.user)
    text = main(client.get(f"/tasks/{task.pk}/"))
    assert "You judged this case" in text
    assert "Correct: Decline" in text


def test_task__judged_by_another__is_closed(made, sign):
    flagged(made)
    task = Task.objects.get()
    submit(task, person("bo", "reviewer"))
    assert "This case is closed" in main(sign("reviewer").get(f"/tasks/{task.pk}/"))


def test_task__i_judged_the_other_seat__someone_else_judges_this(sign):
    made = room(seats=2)
    client = sign("reviewer")
    flagged(made)
    first, second = Task.objects.order_by("seat")
    submit(first, client.user)
    assert "Someone else judges this" in main(client.get(f"/tasks/{second.pk}/"))


def test_task__disagreement__shows_the_senior_what_both_said_and_the_reviewer_nothing(sign):
    made = room(seats=2)
    flagged(made)
    first, second = Task.objects.order_by("seat")
    submit(first, person("bo", "reviewer"), justification="Bo finds the term far too long for this.")
    submit(second, person("cy", "reviewer"), verdict="agree", justification="")
    hand_on()
    settle = Task.objects.get(kind="adjudication")
    senior = main(sign("senior_reviewer").get(f"/tasks/{settle.pk}/"))
    assert "Reviewers did not settle this" in senior
    assert "Bo finds the term" in senior
    assert "Cy Test" in senior


def test_task__returned__shows_its_author_the_question_and_the_old_entries(made, sign, held):
    client = sign("reviewer")
    flagged(made, amount=20000.0)
    raised = submit(Task.objects.get(), client.user)
    escalations.decide(
        escalation_id=raised.escalation_id,
        verdict="returned",
        rationale="Which payslip?",
        by=person("ria", "risk_officer"),
    )
    again = Task.objects.get(state="open")
    held(again, client.user)
    text = main(client.get(f"/tasks/{again.pk}/"))
    assert "Returned to you by a risk officer" in text
    assert "Which payslip?" in text
    assert "The income on the payslip" in text


def test_claim__free__holds_it_and_opens_it(made, sign):
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    assert client.post(f"/tasks/{task.pk}/claim").url == f"/tasks/{task.pk}/"
    task.refresh_from_db()
    assert task.lease_holder == client.user


def test_claim__held_by_another__comes_back_and_says_so(made, sign, held):
    (task,) = waiting(made, 1)
    held(task, person("bo", "reviewer"))
    page = sign("reviewer").post(f"/tasks/{task.pk}/claim", follow=True)
    assert "Bo Test is working on this" in page.text


def test_task__neighbours__are_one_step_away(made, sign):
    listed = sorted(waiting(made, 3), key=lambda task: (-task.priority, task.due_at))
    page = sign("reviewer").get(f"/tasks/{listed[1].pk}/")
    assert (page.context["before"].id, page.context["after"].id) == (listed[0].pk, listed[2].pk)
    assert "2 of 3" in main(page)


def test_hold__mine__says_until_when(made, sign, held):
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    held(task, client.user)
    page = client.get(f"/tasks/{task.pk}/hold?held=1", headers=HTMX)
    assert "You hold this case until" in page.text
    assert "hx-swap-oob" not in page.text


def test_hold__taken_by_another__says_so_once_beside_the_draft(made, sign, held):
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    held(task, client.user)
    Task.objects.update(lease_until=clock.now() - timedelta(minutes=1))
    held(task, person("bo", "reviewer"))
    page = client.get(f"/tasks/{task.pk}/hold?held=1", headers=HTMX)
    assert "Bo Test has taken this case" in page.text
    assert 'id="conflict"' in page.text
    assert "held=1" not in page.text, "the banner comes once, it must not take the focus every half minute"
    assert 'id="conflict"' not in client.get(f"/tasks/{task.pk}/hold", headers=HTMX).text


def test_renew__mine__holds_it_longer(made, sign, held):
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    token = held(task, client.user)
    Task.objects.update(lease_until=clock.now() + timedelta(minutes=1))
    page = client.post(f"/tasks/{task.pk}/renew", {"token": token}, headers=HTMX)
    assert "You hold this case until" in page.text
    task.refresh_from_db()
    assert task.lease_until > clock.now() + timedelta(minutes=10)


@pytest.mark.parametrize("token", ["0", "-1", "x", "", "9" * 40])
def test_renew__token_that_is_not_ours__says_that_it_is_lost(made, sign, held, token):
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    held(task, person("bo", "reviewer"))
    page = client.post(f"/tasks/{task.pk}/renew", {"token": token}, headers=HTMX)
    assert page.status_code == 200
    assert "Bo Test holds this task now" in page.text


def test_release__mine__puts_it_back_with_the_reason(made, sign, held):
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    token = held(task, client.user)
    page = client.post(f"/tasks/{task.pk}/release", {"token": token, "reason": "Not my subject"}, follow=True)
    assert page.redirect_chain[-1][0] == f"/queues/{made.standard.pk}/"
    task.refresh_from_db()
    assert task.lease_holder is None


def test_release__not_mine__is_refused(made, sign, held):
    (task,) = waiting(made, 1)
    held(task, person("bo", "reviewer"))
    assert sign("reviewer").post(f"/tasks/{task.pk}/release", {"token": "1"}).status_code == 409


def test_task__role_was_taken_away__is_not_there_any_more_at_once(made, sign, held):
    flagged(made)
    client = sign("reviewer")
    task = Task.objects.get()
    held(task, client.user)
    assert client.get(f"/tasks/{task.pk}/").status_code == 200

    UserObjectPermission.objects.all().delete()
    client.user.user_permissions.clear()

    assert client.get(f"/tasks/{task.pk}/").status_code == 404
    assert client.post(f"/tasks/{task.pk}/submit", {"token": "1", "verdict": "agree"}).status_code == 404
