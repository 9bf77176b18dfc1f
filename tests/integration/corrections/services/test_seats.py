"""How many people are asked, and who no longer is."""

from datetime import timedelta

import pytest

from corrections.models import Consensus, Draft, Task
from corrections.services import escalations, seats, tasks
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Missing
from tests.factories.decisions import decided
from tests.factories.feedback import flagged, hand_on, room, submit
from tests.factories.serving import UNSURE_INPUT, person, world

pytestmark = pytest.mark.django_db


def test_open__title_deadline_and_why__come_from_contract_queue_and_decision():
    made = room()
    before = clock.now()
    task = Task.objects.get(decision=flagged(made))
    assert task.title == "car, 900 EUR over 24 months"
    assert [one["code"] for one in task.why] == ["low_confidence"]
    assert timedelta(0) <= task.due_at - before - timedelta(minutes=120) < timedelta(minutes=1)


def test_open__agent_without_a_queue__says_so_and_opens_nothing():
    decision = decided(world(), UNSURE_INPUT)
    with pytest.raises(Missing, match="no review queue"):
        seats.open_for_decision(decision_id=decision.pk, by=actors.SYSTEM)
    assert not Task.objects.exists()


def test_dispute__certain_early__closes_idle_seats_and_asks_the_senior_at_once():
    made = room(seats=3)
    decision = flagged(made)
    first, held, idle = Task.objects.filter(decision=decision).order_by("seat")
    tasks.claim_one(task_id=held.pk, by=person("jonas", "reviewer"))
    submit(first, person("amina", "reviewer"), verdict="escalate", reason_code="income")
    hand_on()
    states = dict(Task.objects.filter(decision=decision).values_list("seat", "state").filter(kind="review"))
    assert states == {first.seat: "done", held.seat: "open", idle.seat: "cancelled"}
    adjudication = Task.objects.get(decision=decision, kind="adjudication")
    assert adjudication.why[0] == {"code": "escalated", "text": "A reviewer passed this on."}


def test_dispute__names_what_reviewers_disagree_about():
    made = room(seats=2)
    decision = flagged(made)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    submit(one, person("amina", "reviewer"))
    submit(two, person("jonas", "reviewer"), verdict="agree")
    hand_on()
    why = Task.objects.get(decision=decision, kind="adjudication").why
    assert why[0]["code"] == "disagreement"
    assert {"approve", "decline"} <= set(why[0]["text"].lower().replace(".", "").replace(",", "").split())


def test_settled__whoever_still_had_a_seat__is_told_and_keeps_the_draft():
    made = room(seats=2)
    decision = flagged(made)
    first, held = Task.objects.filter(decision=decision).order_by("seat")
    jonas = person("jonas", "reviewer")
    lease = tasks.claim_one(task_id=held.pk, by=jonas)
    submit(first, person("amina", "reviewer"), verdict="cannot_tell", reason_code="")
    hand_on()
    submit(Task.objects.get(kind="adjudication"), person("sara", "senior_reviewer"), verdict="agree")
    hand_on()
    assert Consensus.objects.get(decision=decision).state == "usable"
    held.refresh_from_db()
    assert held.state == "cancelled"
    with pytest.raises(Conflict, match="settled without it"):
        tasks.renew(task_id=held.pk, token=lease.token, by=jonas)


def test_returned__author_stays_away__lapses_to_others_once_overdue():
    made = room()
    decision = flagged(made, amount=20_000.0)
    author, officer = person("amina", "reviewer"), person("tomas", "risk_officer")
    done = submit(Task.objects.get(decision=decision), author)
    escalations.decide(escalation_id=done.escalation_id, verdict="returned", rationale="Which payslip?", by=officer)
    again = Task.objects.get(decision=decision, state="open")
    assert again.why[0] == {"code": "returned", "text": "Which payslip?"}
    assert tasks.sweep(now=clock.now(), by=actors.SYSTEM) == (0, 0)
    assert tasks.sweep(now=again.due_at, by=actors.SYSTEM) == (0, 1)
    assert tasks.claim(queue_id=made.standard.pk, by=author) is None
    other = person("jonas", "reviewer")
    assert tasks.claim(queue_id=made.standard.pk, by=other).task_id == again.pk
    assert Draft.objects.get(task=again).reviewer == author, "the words stay their author's"


def test_returned__author_holds_it_when_it_is_overdue__keeps_it():
    made = room()
    decision = flagged(made, amount=20_000.0)
    author, officer = person("amina", "reviewer"), person("tomas", "risk_officer")
    done = submit(Task.objects.get(decision=decision), author)
    escalations.decide(escalation_id=done.escalation_id, verdict="returned", rationale="Which payslip?", by=officer)
    again = Task.objects.get(decision=decision, state="open")
    tasks.claim_one(task_id=again.pk, by=author)
    Task.objects.filter(pk=again.pk).update(lease_until=again.due_at + timedelta(minutes=1))
    assert tasks.sweep(now=again.due_at, by=actors.SYSTEM) == (0, 0)
