"""One more is asked when reviewers disagree: independently, once, and a senior only when that does not settle it."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from corrections.models import Consensus, Queue, Task
from corrections.selectors import judgements
from corrections.services import aggregation, blind, queues, recalling, tasks
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid
from tests.factories.feedback import Room, flagged, hand_on, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def asking(most: int = 4) -> Room:
    made = room(seats=2)
    Queue.objects.filter(pk=made.standard.pk).update(most_seats=most)
    return made


def judge(decision, name: str, **entry) -> None:
    task = Task.objects.filter(decision=decision, state="open", kind="review").order_by("seat")[0]
    submit(task, person(name, "reviewer"), **entry)
    hand_on()


def test_disagreement__asks_one_more_who_sees_nothing_of_it_and_settles_it():
    made = asking()
    decision = flagged(made)
    judge(decision, "ada")
    judge(decision, "bo", verdict="agree")
    (third,) = Task.objects.filter(decision=decision, state="open")
    assert (third.kind, third.seat, third.why) == ("review", 3, Task.objects.filter(decision=decision, seat=1)[0].why)
    seen = judgements.of_decision(decision.pk, person("cy", "reviewer"))
    assert (seen.corrections, seen.withheld) == ([], True)
    submit(third, person("dan", "reviewer"))
    hand_on()
    settled = Consensus.objects.get(decision=decision)
    assert (settled.method, len(settled.corrections)) == ("majority", 2)
    assert settled.output != decision.output


def test_disagreement__to_the_end__goes_to_a_senior():
    made = asking(most=4)
    decision = flagged(made)
    judge(decision, "ada")
    judge(decision, "bo", verdict="agree")
    # Who says a third thing leaves no majority.
    third = Task.objects.get(decision=decision, state="open")
    submit(third, person("cy", "reviewer"), verdict="cannot_tell")
    hand_on()
    assert Task.objects.get(decision=decision, state="open").kind == "adjudication"


def test_disagreement__queue_that_asks_no_more__goes_to_a_senior_at_once():
    decision = flagged(room(seats=2))
    judge(decision, "ada")
    judge(decision, "bo", verdict="agree")
    assert Task.objects.get(decision=decision, state="open").kind == "adjudication"


def test_blind_case__one_more__is_blind_too():
    made = asking()
    Queue.objects.filter(pk=made.standard.pk).update(blind_percent=100)
    decision = flagged(made)
    for name, verdict in (("ada", "correct"), ("bo", "agree")):
        who = person(name, "reviewer")
        task = Task.objects.filter(decision=decision, state="open").order_by("seat")[0]
        lease = tasks.claim_one(task_id=task.pk, by=who)
        blind.record(task_id=task.pk, token=lease.token, output=decision.output, by=who)
        submit(task, who, verdict=verdict)
        hand_on()
    Queue.objects.filter(pk=made.standard.pk).update(blind_percent=0)
    third = Task.objects.get(decision=decision, seat=3)
    assert third.blind
    assert judgements.of_decision(decision.pk, person("cy", "reviewer")).corrections == []


def test_aggregate__twice_or_by_two_at_once__asks_one_more_only():
    decision = flagged(asking())
    judge(decision, "ada")
    judge(decision, "bo", verdict="agree")
    for _ in range(3):
        aggregation.aggregate(decision_id=decision.pk, by=actors.SYSTEM)
    assert Task.objects.filter(decision=decision).count() == 3


@pytest.mark.django_db(transaction=True)
def test_aggregate__four_at_the_same_instant__asks_one_more_only():
    made = asking()
    decision = flagged(made)
    for name, verdict in (("ada", "agree"), ("bo", "correct")):
        task = Task.objects.filter(decision=decision, state="open").order_by("seat")[0]
        submit(task, person(name, "reviewer"), verdict=verdict)
    together = threading.Barrier(4)

    def run() -> None:
        try:
            together.wait()
            aggregation.aggregate(decision_id=decision.pk, by=actors.SYSTEM)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Task.objects.filter(decision=decision).count() == 3


def test_recall__of_one_of_a_majority__asks_again():
    made = asking()
    decision = flagged(made)
    ada = person("ada", "reviewer")
    said = submit(Task.objects.filter(decision=decision).order_by("seat")[0], ada).correction_id
    hand_on()
    judge(decision, "bo", verdict="agree")
    judge(decision, "cy")
    assert Consensus.objects.get(decision=decision, authoritative=True).method == "majority"
    recalling.recall(correction_id=said, reason="Misread.", by=ada)
    hand_on()
    assert not Consensus.objects.filter(decision=decision, authoritative=True).exists()
    fourth = Task.objects.get(decision=decision, state="open")
    assert (fourth.kind, fourth.seat) == ("review", 4)


@pytest.mark.parametrize(("seats", "most"), [(1, 3), (2, 2), (3, 2), (2, 8)])
def test_change__numbers_that_do_not_fit__are_named_and_refused_by_the_database(seats, most):
    made = room(seats=2)
    with pytest.raises(Invalid) as caught:
        queues.change(
            queue_id=made.standard.pk,
            terms=queues.Terms("Review", seats=seats, most_seats=most),
            by=person("mei", "operator"),
        )
    assert list(caught.value.fields) == ["most_seats"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Queue.objects.filter(pk=made.standard.pk).update(seats=seats, most_seats=most)
