"""Arranging cases that wait: each keeps every rule, alone or among many."""

import pytest

from corrections.models import Queue, Task
from corrections.services import arranging, queues, tasks
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories.feedback import Room, flagged, hand_on, room, submit, waiting
from tests.factories.serving import person, world

pytestmark = pytest.mark.django_db


def two() -> tuple[Room, Queue, User]:
    made, mei = room(), person("mei", "operator")
    other = queues.make(agent_id=made.world.agent.pk, kind="standard", terms=queues.Terms("Large"), by=mei)
    return made, other, mei


def test_move__free_case__waits_in_the_other_queue_and_is_told():
    made, other, mei = two()
    task = Task.objects.get(decision=flagged(made))
    arranging.move(task_id=task.pk, queue_id=other.pk, by=mei)
    assert Task.objects.get(pk=task.pk).queue_id == other.pk
    told = Event.objects.get(type="task.moved")
    assert (told.data["queue"], told.data["left"]) == (str(other.pk), str(made.standard.pk))


def test_move__held_with_a_senior_or_elsewhere__is_refused():
    made, other, mei = two()
    task = Task.objects.get(decision=flagged(made))
    foreign = room(slug="elsewhere").standard
    for queue in (foreign, made.standard, made.senior):
        with pytest.raises(Invalid):
            arranging.move(task_id=task.pk, queue_id=queue.pk, by=mei)
    tasks.claim_one(task_id=task.pk, by=person("ada", "reviewer"))
    with pytest.raises(Conflict, match="works on it"):
        arranging.move(task_id=task.pk, queue_id=other.pk, by=mei)


def test_arranging__others__learn_nothing_or_are_refused():
    made, other, _ = two()
    task = Task.objects.get(decision=flagged(made))
    for role in ("reviewer", "senior_reviewer", "risk_officer", "auditor"):
        with pytest.raises(NotAllowed):
            arranging.move(task_id=task.pk, queue_id=other.pk, by=person(f"x{role}", role))
    stranger = person("eve", "operator", agent=world(slug="elsewhere").agent)
    with pytest.raises(Missing):
        arranging.set_priority(task_id=task.pk, priority=5, by=stranger)
    (done,) = arranging.many(task_ids=[task.pk], action="priority", priority=5, by=stranger)
    assert (done.title, bool(done.fault)) == ("", True)
    assert Task.objects.get(pk=task.pk).priority != 5


def test_set_priority__within_bounds__is_first_in_line():
    made, _, mei = two()
    waiting(made, 3)
    late = Task.objects.get(decision=flagged(made))
    arranging.set_priority(task_id=late.pk, priority=100, by=mei)
    lease = tasks.claim(queue_id=made.standard.pk, by=person("ada", "reviewer"))
    assert lease is not None
    assert lease.task_id == late.pk
    for wrong in (101, -101):
        with pytest.raises(Invalid):
            arranging.set_priority(task_id=late.pk, priority=wrong, by=mei)


def test_free__held_case__is_given_to_others_and_the_old_hold_is_lost():
    made, _, mei = two()
    task = Task.objects.get(decision=flagged(made))
    ada = person("ada", "reviewer")
    old = tasks.claim_one(task_id=task.pk, by=ada)
    arranging.free(task_id=task.pk, by=mei)
    assert tasks.claim_one(task_id=task.pk, by=person("bo", "reviewer")).token > old.token
    with pytest.raises(Conflict):
        tasks.renew(task_id=task.pk, token=old.token, by=ada)
    arranging.free(task_id=task.pk, by=mei)
    with pytest.raises(Conflict, match="Nobody holds it"):
        arranging.free(task_id=task.pk, by=mei)


def test_many__some_cannot__the_others_are_done_each_with_its_event():
    made, other, mei = two()
    rows = waiting(made, 3)
    closed = Task.objects.get(decision=flagged(made))
    submit(closed, person("bo", "reviewer"))
    hand_on()
    tasks.claim_one(task_id=rows[1].pk, by=person("ada", "reviewer"))
    asked = [rows[0].pk, rows[1].pk, rows[2].pk, closed.pk, rows[0].pk]
    done = arranging.many(task_ids=asked, action="move", queue_id=other.pk, by=mei)
    assert [bool(one.fault) for one in done] == [False, True, False, True]
    assert Task.objects.filter(queue=other).count() == 2
    assert Event.objects.filter(type="task.moved").count() == 2


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"action": "close"}, "action"),
        ({"task_ids": []}, "tasks"),
        ({"action": "move"}, "queue"),
        ({"action": "priority"}, "priority"),
        ({"action": "priority", "priority": 101}, "priority"),
    ],
)
def test_many__what_does_not_fit__is_named_and_nothing_changes(terms, field):
    made, _, mei = two()
    task = Task.objects.get(decision=flagged(made))
    with pytest.raises(Invalid) as caught:
        arranging.many(**{"task_ids": [task.pk], "action": "free", "by": mei, **terms})
    assert list(caught.value.fields) == [field]
