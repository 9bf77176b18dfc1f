"""Undoing a submission: nothing has left until then, one of two wins, nothing is lost."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from agents.models import Resolution
from corrections.models import Consensus, Correction, Draft, Escalation, Task, Undo
from corrections.selectors import judgements, queues
from corrections.services import corrections, tasks, undoing
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Missing
from reviewapp.core.events import relay
from reviewapp.core.events.models import Event, OutboxEntry
from tests.factories.feedback import WORDS, Room, flagged, hand_on, room
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Room:
    return room()


@pytest.fixture
def bo(made) -> User:
    return person("bo", "reviewer")


def submit(made: Room, author: User, *, hold: int = 30, **entry: Any) -> corrections.Submitted:
    """Let a person claim the next task and submit it with a hold."""
    lease = tasks.claim(queue_id=made.standard.pk, by=author)
    assert lease is not None
    given = {"verdict": "agree", "justification": WORDS, **entry}
    return corrections.submit(task_id=lease.task_id, token=lease.token, hold_seconds=hold, by=author, **given)


def later(seconds: float = 31) -> int:
    """Hand on what is due by then; return how many events."""
    count = 0
    while relay.relay_one(clock.now() + timedelta(seconds=seconds)):
        count += 1
    return count


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Put the clock forward."""
    moment = clock.now() + timedelta(seconds=seconds)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_held__nothing_has_left__and_then_it_takes_effect(made, bo, monkeypatch):
    decision = flagged(made)
    done = submit(made, bo)
    assert done.held_until is not None
    assert hand_on() == 0
    assert not Consensus.objects.exists()
    assert not Resolution.objects.exists()
    at(monkeypatch, 31)
    assert hand_on() > 0
    assert Consensus.objects.get(decision_id=decision.id).corrections == [done.correction_id]
    assert Resolution.objects.get(decision_id=decision.id).output == decision.output


def test_undo__in_time__opens_the_case_as_it_was(made, bo):
    decision = flagged(made, amount=2000.0)
    done = submit(made, bo, verdict="correct", output={"action": "decline"}, reason_code="income", evidence=["/amount"])
    task = Task.objects.get(pk=undoing.undo(correction_id=done.correction_id, by=bo))
    old = Correction.objects.get(pk=done.correction_id).task
    assert (task.lease_holder_id, task.reserved_for_id, task.due_at) == (bo.pk, bo.pk, old.due_at)
    draft = Draft.objects.get(task=task, reviewer=bo).body
    assert (draft["verdict"], draft["output"], draft["justification"]) == ("correct", {"action": "decline"}, WORDS)
    assert draft["evidence"] == ["/amount"]
    assert later(3600) >= 0
    assert not Consensus.objects.exists()
    assert Event.objects.filter(type="correction.undone").count() == 1
    assert decision.pk == task.decision_id


def test_undo__submitted_again__counts_once_and_replaces(made, bo):
    decision = flagged(made)
    first = submit(made, bo, verdict="cannot_tell")
    task = Task.objects.get(pk=undoing.undo(correction_id=first.correction_id, by=bo))
    again = corrections.submit(
        task_id=task.pk, token=task.lease_token, verdict="agree", justification=WORDS, hold_seconds=30, by=bo
    )
    assert Correction.objects.get(pk=again.correction_id).replaces_id == first.correction_id
    other = undoing.undo(correction_id=again.correction_id, by=bo)
    third = corrections.submit(
        task_id=other, token=Task.objects.get(pk=other).lease_token, verdict="agree", justification=WORDS, by=bo
    )
    hand_on()
    assert Consensus.objects.get(decision_id=decision.id).corrections == [third.correction_id]


@pytest.mark.parametrize("hold", [0, 30])
def test_undo__too_late__is_refused_and_it_stands(made, bo, monkeypatch, hold):
    flagged(made)
    done = submit(made, bo, hold=hold)
    at(monkeypatch, 30)
    with pytest.raises(Conflict) as fault:
        undoing.undo(correction_id=done.correction_id, by=bo)
    assert fault.value.code == "too_late"
    hand_on()
    assert Consensus.objects.exists()


def test_undo__twice_or_by_somebody_else__is_refused(made, bo):
    flagged(made)
    done = submit(made, bo)
    with pytest.raises(Missing):
        undoing.undo(correction_id=done.correction_id, by=person("mo", "reviewer"))
    undoing.undo(correction_id=done.correction_id, by=bo)
    with pytest.raises(Conflict) as fault:
        undoing.undo(correction_id=done.correction_id, by=bo)
    assert fault.value.code == "undone"


def test_held__risky__second_person_hears_of_it_only_afterwards(made, bo, monkeypatch):
    flagged(made, amount=20000.0)
    done = submit(made, bo, verdict="correct", output={"action": "decline"}, reason_code="income")
    assert done.why_escalated
    assert done.escalation_id is None
    assert not Escalation.objects.exists()
    at(monkeypatch, 31)
    hand_on()
    assert Escalation.objects.get().correction_id == done.correction_id
    assert not Consensus.objects.exists()


def test_held__other_opinion_comes_in_between__it_is_not_counted_yet(monkeypatch):
    made = room(seats=2)
    bo, mo = person("bo", "reviewer"), person("mo", "reviewer")
    decision = flagged(made)
    submit(made, bo, hold=0)
    held = submit(made, mo)
    hand_on()
    assert not Consensus.objects.exists()
    undoing.undo(correction_id=held.correction_id, by=mo)
    hand_on()
    assert not Consensus.objects.filter(decision_id=decision.id).exists()


def test_held__page_of_the_decision__keeps_others_words_until_it_cannot_be_taken_back(monkeypatch):
    made = room(seats=2)
    bo, mo, eva = person("bo", "reviewer"), person("mo", "reviewer"), person("eva", "auditor")
    decision = flagged(made)
    submit(made, bo, hold=0)
    submit(made, mo)
    assert [one.mine for one in judgements.of_decision(decision.id, mo).corrections] == [True]
    assert [one.author for one in judgements.of_decision(decision.id, eva).corrections] == ["Bo Test"]
    at(monkeypatch, 31)
    assert len(judgements.of_decision(decision.id, mo).corrections) == 2
    assert len(judgements.of_decision(decision.id, eva).corrections) == 2


def test_undone__is_not_counted_as_work_and_stays_in_the_record(made, bo):
    decision = flagged(made)
    done = submit(made, bo)
    undoing.undo(correction_id=done.correction_id, by=bo)
    assert queues.reviewed_since(bo, clock.now() - timedelta(hours=1)) == {}
    assert queues.my_corrections(bo) == []
    (one,) = judgements.of_decision(decision.id, person("eva", "auditor")).corrections
    assert one.standing == "undone"


def test_database__undo_by_another_or_after_the_hold__is_refused(made, bo):
    flagged(made)
    done = submit(made, bo)
    row = Correction.objects.get(pk=done.correction_id)
    mo = person("mo", "reviewer")
    for by, moment in ((mo, row.submitted_at), (bo, row.held_until), (bo, row.held_until + timedelta(days=1))):
        with pytest.raises(IntegrityError), transaction.atomic():
            Undo.objects.create(correction=row, decision_id=row.decision_id, undone_by=by, undone_at=moment)


@pytest.mark.django_db(transaction=True)
def test_undo__while_it_is_handed_on__one_of_the_two_wins(made, bo, monkeypatch):
    flagged(made)
    done = submit(made, bo)
    entry = OutboxEntry.objects.get(event__type="correction.submitted")
    told: list[Any] = []

    def undo() -> None:
        try:
            told.append(undoing.undo(correction_id=done.correction_id, by=bo))
        except Conflict as fault:
            told.append(fault.code)
        finally:
            connection.close()

    with transaction.atomic():
        # What the relay does: it holds the entry, works, and removes it.
        OutboxEntry.objects.select_for_update().get(pk=entry.pk)
        undoing_thread = threading.Thread(target=undo)
        undoing_thread.start()
        undoing_thread.join(0.5)
        assert undoing_thread.is_alive()
        entry.delete()
    undoing_thread.join(5)
    assert told == ["too_late"]
    assert not Undo.objects.exists()
