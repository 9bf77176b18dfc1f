"""Reviewers judge independently, also when a seat is opened again: nobody reads what a colleague said of the case."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Decision
from corrections.models import Consensus, Task
from corrections.selectors import judgements, queues
from corrections.services import escalations, recalling, seats, undoing
from corrections.services.corrections import Submitted
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from tests.factories.feedback import Room, flagged, hand_on, room, submit
from tests.factories.serving import person, personal_key

pytestmark = pytest.mark.django_db
NOTE = "Bo said decline, and the payslip speaks against that."


def sent_back(verdict: str) -> tuple[Decision, User]:
    """Let two people judge a case, and a second person send the first one's judgement back; return case and author."""
    made = room(seats=2)
    bo, mo, ria = person("bo", "reviewer"), person("mo", "reviewer"), person("ria", "risk_officer")
    decision = flagged(made, amount=20000.0)
    first, second = Task.objects.filter(decision_id=decision.pk, state="open").order_by("seat")
    done: Submitted = submit(first, bo)
    submit(second, mo, verdict="agree")
    hand_on()
    assert done.escalation_id is not None
    escalations.decide(escalation_id=done.escalation_id, verdict=verdict, rationale=NOTE, by=ria)
    hand_on()
    return decision, bo


def test_returned__author_judges_again__sees_their_own_words_only() -> None:
    decision, bo = sent_back("returned")
    seen = judgements.of_decision(decision.pk, bo)
    assert [one.mine for one in seen.corrections] == [True]
    assert seen.withheld
    assert judgements.withheld(decision.pk, decision.agent_id, bo)
    assert Task.objects.get(decision_id=decision.pk, state="open").why[0] == {"code": "returned", "text": NOTE}


def test_returned__who_reads_along_and_never_judges__sees_everybody() -> None:
    decision, _ = sent_back("returned")
    assert len(judgements.of_decision(decision.pk, person("eva", "auditor")).corrections) == 2


@pytest.mark.parametrize("verdict", ["rejected", "returned"])
def test_next_reviewer__of_a_seat_that_was_sent_back__is_not_told_what_was_said(verdict: str) -> None:
    decision, _ = sent_back(verdict)
    task = Task.objects.get(decision_id=decision.pk, state="open")
    if verdict == "returned":
        assert seats.lapse_reservations(now=task.due_at + timedelta(seconds=1), by=actors.SYSTEM) == 1
        task.refresh_from_db()
    assert task.reserved_for_id is None
    assert task.why[0] == {"code": "rejected", "text": seats.AFRESH}
    listed = queues.first_in(task.queue_id, person("zoe", "reviewer"), now=clock.now(), limit=20)
    assert NOTE not in str([task.why, [row.why for row in listed]])


def test_returned_and_undone__note_stays_with_its_author() -> None:
    decision, bo = sent_back("returned")
    again = submit(Task.objects.get(decision_id=decision.pk, state="open"), bo, hold_seconds=30)
    task = Task.objects.get(pk=undoing.undo(correction_id=again.correction_id, by=bo))
    assert (task.reserved_for_id, task.why[0]["text"]) == (bo.pk, NOTE)


def test_returned__every_way_to_the_task__tells_the_note_to_its_author_alone() -> None:
    decision, bo = sent_back("returned")
    task = Task.objects.get(decision_id=decision.pk, state="open")
    pages = [f"/tasks/{task.pk}/", f"/queues/{task.queue_id}/", "/", f"/decisions/{decision.pk}/"]
    reads = [f"/api/v1/tasks/{task.pk}", f"/api/v1/queues/{task.queue_id}/tasks"]
    for who, told in ((person("zoe", "reviewer"), set()), (bo, {pages[0], pages[1], *reads})):
        client, key = Client(), {"Authorization": f"Bearer {personal_key(who, 'read', 'review')}"}
        client.force_login(who)
        answers = {path: client.get(path) for path in pages} | {path: Client().get(path, headers=key) for path in reads}
        assert {answer.status_code for answer in answers.values()} == {200}
        assert {path for path, answer in answers.items() if NOTE in answer.content.decode()} == told


@pytest.mark.parametrize("hold", [0, 30])
def test_timeline__case_not_settled__keeps_a_colleagues_judgement_from_who_may_still_judge(hold: int) -> None:
    made = room(seats=2)
    bo, zoe, eva = person("bo", "reviewer"), person("zoe", "reviewer"), person("eva", "auditor")
    decision = flagged(made)
    first, second = Task.objects.filter(decision_id=decision.pk).order_by("seat")
    submit(first, bo, hold_seconds=hold)
    hand_on()
    told = {who.username: _tells(who, decision) for who in (bo, zoe, eva)}
    # Nobody else sees what may still be undone; who never judges sees the rest.
    assert told == {"bo": True, "zoe": False, "eva": hold == 0}
    if not hold:
        submit(second, zoe)
        hand_on()
        assert _tells(zoe, decision)


def _tells(who: User, decision: Decision) -> bool:
    client = Client()
    client.force_login(who)
    return "verdict: correct" in client.get(f"/decisions/{decision.pk}/").content.decode()


def test_recalled__case_is_open_again__who_may_judge_it_afresh_reads_nothing_of_what_was_settled() -> None:
    made = room()
    bo, zoe, eva = person("bo", "reviewer"), person("zoe", "reviewer"), person("eva", "auditor")
    decision = flagged(made)
    done = submit(Task.objects.get(decision=decision), bo)
    hand_on()
    assert _tells(zoe, decision)
    recalling.recall(correction_id=done.correction_id, reason=NOTE, by=bo)
    hand_on()
    label = Consensus.objects.get(decision=decision).label
    assert {who.username: _tells(who, decision) for who in (zoe, eva)} == {"zoe": False, "eva": True}
    pages = {who.username: _page(who, decision) for who in (zoe, eva)}
    assert {name: f"label: {label}" in page for name, page in pages.items()} == {"zoe": False, "eva": True}
    assert {name: "Taken back." in page for name, page in pages.items()} == {"zoe": False, "eva": True}
    assert "The case is judged afresh" in pages["zoe"]
    told = {who.username: _resolution(made, who, decision) for who in (zoe, eva)}
    assert told["zoe"] == (None, [])
    assert (told["eva"][0]["source"], [one["output"] for one in told["eva"][1]]) == ("review", [None])
    assert bo.display_name not in pages["zoe"].partition('id="h-res"')[2].partition('id="h-time"')[0]
    submit(Task.objects.get(decision=decision, state="open"), zoe, verdict="agree")
    hand_on()
    again = _page(zoe, decision)
    assert "People say now:" in again
    assert "Taken back." in again


def _resolution(made: Room, who: User, decision: Decision) -> tuple[Any, Any]:
    key = {"Authorization": f"Bearer {personal_key(who, 'read', 'review')}"}
    told = Client().get(f"/api/v1/agents/{made.world.agent.slug}/decisions/{decision.pk}", headers=key).json()
    return told["resolution"], told["amendments"]


def _page(who: User, decision: Decision) -> str:
    client = Client()
    client.force_login(who)
    return client.get(f"/decisions/{decision.pk}/").content.decode()
