"""How a queue orders its cases: weighed when they open, again when the points change, and more as they wait."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from corrections.models import PriorityWeights, Queue, Task
from corrections.rules.priority import USUAL, Weights
from corrections.selectors import weighing as reading
from corrections.services import queues, tasks, weighing
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories.feedback import Room, flagged, room, waiting
from tests.factories.serving import person, world

pytestmark = pytest.mark.django_db
VALUE = replace(USUAL, value=50, value_of="input.amount", value_full=1000.0)


def keeper() -> User:
    return User.objects.filter(username="mei").first() or person("mei", "operator")


def put(made: Room, weights: Weights) -> PriorityWeights:
    return weighing.configure(queue_id=made.standard.pk, weights=weights, by=keeper())


def sweep(*, hours: float = 0) -> int:
    return weighing.sweep(now=clock.now() + timedelta(hours=hours), by=actors.SYSTEM)


def test_flagged__queue_with_points__its_task_is_weighed_by_them():
    made = room()
    usual = Task.objects.get(decision=flagged(made))
    put(made, VALUE)
    weighed = Task.objects.get(decision=flagged(made, amount=1000.0))
    assert (weighed.priority - usual.priority, weighed.weighed_under) == (50, 1)
    assert usual.weighed == usual.priority


def test_flagged__case_whose_agent_waits__gets_the_points():
    made = room()
    usual = Task.objects.get(decision=flagged(made)).priority
    put(made, replace(USUAL, waiting=7))
    assert Task.objects.get(decision=flagged(made, amount=901.0)).priority == usual + 7


def test_sweep__points_changed__waiting_cases_are_weighed_once_and_keep_what_was_added():
    made = room()
    low, high = (Task.objects.get(decision=flagged(made, amount=amount)) for amount in (0.0, 1000.0))
    Task.objects.filter(pk=high.pk).update(priority=high.priority + 9)
    put(made, VALUE)
    assert sweep() == 2
    assert sweep() == 0
    assert Task.objects.get(pk=low.pk).priority == low.priority
    assert Task.objects.get(pk=high.pk).priority == high.priority + 59
    assert Event.objects.filter(type="queue.reweighed").latest("pk").data == {"revision": 1, "tasks": 2}
    put(made, USUAL)
    sweep()
    assert Task.objects.get(pk=high.pk).priority == high.priority + 9


def test_sweep__many__are_weighed_in_batches():
    made = room()
    waiting(made, 450)
    put(made, replace(USUAL, uncertain=100))
    assert sweep() == 450


def test_sweep__age__is_added_once_for_each_step_and_ends_at_the_top():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    put(made, replace(USUAL, age_points=5, age_hours=2))
    sweep()
    assert sweep(hours=1.9) == 0
    assert sweep(hours=4.1) == 1
    assert sweep(hours=4.1) == 0
    assert Task.objects.get(pk=task.pk).priority == task.priority + 10
    sweep(hours=9_000)
    found = Task.objects.get(pk=task.pk)
    assert (found.priority, found.aged) == (100, 200)
    assert sweep(hours=90_000) == 0


def test_sweep__points_of_age_lowered__what_age_brought_is_taken_back_first():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    put(made, replace(USUAL, age_points=10, age_hours=1))
    sweep()
    sweep(hours=3.5)
    put(made, replace(USUAL, age_points=1, age_hours=1))
    sweep(hours=3.5)
    assert Task.objects.get(pk=task.pk).priority == task.priority + 3


def test_sweep__aged_past_a_younger_urgent_one__is_claimed_first():
    made = room()
    old = Task.objects.get(decision=flagged(made))
    put(made, replace(VALUE, age_points=60, age_hours=1))
    sweep()
    sweep(hours=1.5)
    flagged(made, amount=1000.0)
    held = tasks.claim(queue_id=made.standard.pk, by=person("ada", "reviewer"))
    assert held is not None
    assert held.task_id == old.pk


@pytest.mark.django_db(transaction=True)
def test_sweep__four_at_the_same_instant__each_case_is_weighed_and_aged_once():
    made = room()
    waiting(made, 40)
    Task.objects.update(weighed=F("priority"))
    put(made, replace(VALUE, age_points=5, age_hours=1))
    together, counts = threading.Barrier(4), []
    now = clock.now() + timedelta(hours=1.5)

    def run() -> None:
        try:
            together.wait()
            counts.append(weighing.sweep(now=now, by=actors.SYSTEM))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    weighing.sweep(now=now, by=actors.SYSTEM)
    rows = list(Task.objects.filter(queue=made.standard))
    assert {row.aged for row in rows} == {5}
    assert all(row.priority == row.weighed + 5 for row in rows)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"uncertain": 101}, "uncertain"),
        ({"waiting": -101}, "waiting"),
        ({"age_points": -1, "age_hours": 1}, "age_points"),
        ({"age_points": 5}, "age_hours"),
        ({"age_hours": 5}, "age_points"),
        ({"age_points": 5, "age_hours": 8761}, "age_hours"),
        ({"value": 5}, "value_of"),
        ({"value": 5, "value_of": "input.amount"}, "value_full"),
        ({"value": 5, "value_of": "input.amount", "value_full": float("nan")}, "value_full"),
        ({"value": 5, "value_of": "input.amount", "value_full": -1.0}, "value_full"),
        ({"value": 5, "value_of": "input.income", "value_full": 1.0}, "value_of"),
        ({"value": 5, "value_of": "input.purpose", "value_full": 1.0}, "value_of"),
        ({"value": 5, "value_of": "1\x002", "value_full": 1.0}, "value_of"),
    ],
)
def test_configure__what_does_not_fit__is_named_and_nothing_changes(changes, field):
    made = room()
    with pytest.raises(Invalid) as caught:
        put(made, replace(USUAL, **changes))
    assert list(caught.value.fields) == [field]
    assert not PriorityWeights.objects.exists()


def test_configure__others__are_refused():
    made = room()
    for role in ("reviewer", "senior_reviewer", "risk_officer", "auditor"):
        with pytest.raises(NotAllowed):
            weighing.configure(queue_id=made.standard.pk, weights=USUAL, by=person(f"a{role}", role))
    stranger = person("eve", "operator", agent=world(slug="elsewhere").agent)
    for queue, who in ((made.standard, stranger), (made.senior, keeper())):
        with pytest.raises(Missing):
            weighing.configure(queue_id=queue.pk, weights=USUAL, by=who)


def test_trial__other_points__show_another_order_and_change_nothing():
    made = room()
    for amount in (100.0, 1000.0):
        flagged(made, amount=amount)
    before = list(Task.objects.order_by("pk").values_list("priority", flat=True))
    found = reading.trial(keeper(), made.standard.pk, weights=VALUE)
    assert [(row.place, row.place_now) for row in found.rows] == [(1, 2), (2, 1)]
    assert (found.tried, found.unsure) == (2, 0)
    assert list(Task.objects.order_by("pk").values_list("priority", flat=True)) == before


def test_move__to_another_queue__is_weighed_by_that_one():
    made = room()
    other = queues.make(
        agent_id=made.world.agent.pk, kind="standard", terms=queues.Terms("Large", seats=1), by=keeper()
    )
    put(made, VALUE)
    weighing.configure(queue_id=other.pk, weights=USUAL, by=keeper())
    task = Task.objects.get(decision=flagged(made, amount=1000.0))
    Task.objects.filter(pk=task.pk).update(queue=other, weighed_under=0)
    sweep()
    assert Task.objects.get(pk=task.pk).priority == task.priority - 50


def test_database__points_out_of_bounds__are_refused():
    made = room()
    kept = put(made, USUAL)
    for changes in ({"uncertain": 101}, {"age_points": 3}, {"value_full": -1.0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PriorityWeights.objects.filter(pk=kept.pk).update(**changes)
    assert Queue.objects.filter(weights__isnull=False).count() == 1
