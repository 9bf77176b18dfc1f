"""The edit history of the judgements of a decision: every version with what it changed, told to whom it may be told."""

import json

import pytest
from django.test import Client

from corrections.models import Queue, Task
from corrections.services import blind, escalations, recalling, tasks, undoing
from tests.factories.feedback import WORDS, flagged, hand_on, room, submit
from tests.factories.serving import person, personal_key
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
SECOND = "Read the second payslip: the income does not carry it."


def address(decision):
    return f"/decisions/{decision.pk}/judgements/"


def api(decision, user):
    key = personal_key(user, "read", "review")
    return Client().get(f"/api/v1/decisions/{decision.pk}/judgements", HTTP_AUTHORIZATION=f"Bearer {key}")


def kinds(chain):
    return [step["kind"] for step in chain["steps"]]


def test_history__blind_then_undone_then_replaced_then_recalled__tells_every_version(made, sign):
    ada = sign("reviewer")
    Queue.objects.filter(pk=made.standard.pk).update(blind_percent=100)
    decision = flagged(made)
    task = Task.objects.get()
    lease = tasks.claim_one(task_id=task.pk, by=ada.user)
    blind.record(task_id=task.pk, token=lease.token, output={"action": "decline"}, confidence=2, by=ada.user)
    first = submit(task, ada.user, hold_seconds=30)
    undoing.undo(correction_id=first.correction_id, by=ada.user)
    again = submit(Task.objects.get(state="open"), ada.user, justification=SECOND)
    hand_on()
    recalling.recall(correction_id=again.correction_id, reason="It was another applicant’s.", by=ada.user)
    (chain,) = api(decision, ada.user).json()["chains"]
    assert kinds(chain) == ["judged", "submitted", "undone", "submitted", "recalled"]
    assert [one["against"] for one in chain["steps"]] == ["agent", "before", "", "before", ""]
    changed = {one["title"]: (one["before"], one["after"]) for one in chain["steps"][3]["changes"]}
    assert changed == {"Justification": (WORDS, SECOND)}
    assert {one["title"] for one in chain["steps"][1]["changes"]} == {"Justification", "Own confidence"}
    page = main(ada.get(address(decision)))
    for words in ("Judged before the agent’s answer", "Undone", SECOND, "It was another applicant’s.", "2 of 5"):
        assert words in page, words


def test_history__first_version__is_compared_with_the_agents_answer(made, sign):
    ada = sign("reviewer")
    decision = flagged(made)
    submit(Task.objects.get(), ada.user)
    hand_on()
    page = main(ada.get(address(decision)))
    assert 'data-tone="agent"><span aria-hidden="true">−</span>' in page
    (chain,) = api(decision, ada.user).json()["chains"]
    assert chain["recallable"] == chain["steps"][0]["correction"]
    assert f"/corrections/{chain['recallable']}/recall/" in page
    assert address(decision) in main(ada.get("/"))
    assert address(decision) in main(ada.get(f"/decisions/{decision.pk}/"))
    assert address(decision) in main(ada.get(f"/decisions/{decision.pk}/lineage/"))


def test_history__approved_by_a_second_person__says_who_and_why(made, sign):
    ada, ria = sign("reviewer"), person("ria", "risk_officer")
    decision = flagged(made, amount=20_000.0)
    done = submit(Task.objects.get(), ada.user)
    hand_on()
    escalations.decide(escalation_id=done.escalation_id, verdict="returned", rationale="Which payslip?", by=ria)
    submit(Task.objects.get(state="open"), ada.user, justification=SECOND)
    hand_on()
    (chain,) = api(decision, ada.user).json()["chains"]
    assert kinds(chain) == ["submitted", "raised", "returned", "submitted", "raised"]
    assert (chain["steps"][2]["by"], chain["steps"][2]["words"]) == (ria.display_name, "Which payslip?")
    assert chain["recallable"] is None


def test_history__colleague_who_may_still_judge__reads_nothing_of_it_until_it_is_settled(sign):
    made = room(seats=2)
    bo, zoe, eva = sign("reviewer", name="bo"), sign("reviewer", name="zoe"), sign("auditor", name="eva")
    decision = flagged(made)
    first, second = Task.objects.filter(decision=decision).order_by("seat")
    submit(first, bo.user)
    hand_on()
    assert WORDS in main(eva.get(address(decision)))
    page, told = main(zoe.get(address(decision))), api(decision, zoe.user).json()
    assert (WORDS in page, bo.user.display_name in page, told["withheld"], told["chains"]) == (False, False, True, [])
    submit(second, zoe.user, justification=SECOND)
    hand_on()
    both = api(decision, zoe.user).json()
    assert [one["mine"] for one in both["chains"]] == [True, False]
    assert WORDS in json.dumps(both)


def test_history__what_may_still_be_undone_and_a_first_judgement_alone__are_told_to_their_author_only(made, sign):
    ada, eva = sign("reviewer"), sign("auditor", name="eva")
    Queue.objects.filter(pk=made.standard.pk).update(blind_percent=100)
    decision = flagged(made)
    task = Task.objects.get()
    lease = tasks.claim_one(task_id=task.pk, by=ada.user)
    blind.record(task_id=task.pk, token=lease.token, output={"action": "decline"}, justification=WORDS, by=ada.user)
    assert api(decision, eva.user).json()["chains"] == []
    assert len(api(decision, ada.user).json()["chains"]) == 1
    submit(task, ada.user, hold_seconds=30)
    assert WORDS not in main(eva.get(address(decision)))
    assert kinds(api(decision, ada.user).json()["chains"][0]) == ["judged", "submitted"]


def test_history__blind_case_to_be_judged__is_not_opened(made, sign):
    ada = sign("reviewer")
    Queue.objects.filter(pk=made.standard.pk).update(blind_percent=100)
    decision = flagged(made)
    assert ada.get(address(decision)).status_code == 403
    assert api(decision, ada.user).status_code == 403


def test_history__nobody_judged__says_so(made, sign):
    assert "Nobody has judged this case yet" in main(sign("auditor").get(address(flagged(made))))


def test_history__no_role_or_unknown_or_wrong_verb__is_refused(made, sign):
    decision = flagged(made)
    ada = sign("reviewer")
    assert sign(name="nina").get(address(decision)).status_code == 404
    assert ada.get("/decisions/019a0000-0000-7000-8000-000000000000/judgements/").status_code == 404
    assert ada.post(address(decision)).status_code == 405
    assert Client().get(address(decision)).status_code == 302


def test_history__number_of_judgements__asks_the_same_few_questions(sign, django_assert_max_num_queries):
    made = room(seats=3)
    eva = sign("auditor", name="eva")
    decision = flagged(made)
    for name in ("bo", "zoe", "cy"):
        submit(Task.objects.filter(decision=decision, state="open").order_by("seat")[0], person(name, "reviewer"))
        hand_on()
    with django_assert_max_num_queries(30):
        assert eva.get(address(decision)).text.count("Submitted") == 3
