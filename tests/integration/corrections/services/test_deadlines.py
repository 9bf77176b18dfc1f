"""Before a deadline and once it is missed: what the queue says, exactly once, however many do it at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from agents.models import Deadline
from corrections.models import DeadlineAction, Task
from corrections.services import deadlines, tasks
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from reviewapp.core.notices.models import Notice
from tests.factories.feedback import flagged, hand_on, room, waiting
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def ruled(made, **rules):
    return deadlines.configure(queue_id=made.standard.pk, by=person("olu", "operator"), **rules)


def run(now=None):
    return deadlines.run_due(now=now or clock.now(), by=actors.SYSTEM)


def overdue(made, count=1):
    """Let `count` tasks wait whose deadline is over."""
    rows = waiting(made, count)
    Task.objects.update(due_at=clock.now() - timedelta(minutes=1), priority=10)
    return rows


def test_breach__raise__once_and_never_beyond_the_top():
    made = room()
    overdue(made, 2)
    ruled(made, breach_raise=95)
    assert (run(), run()) == (2, 0)
    assert set(Task.objects.values_list("priority", flat=True)) == {100}
    assert Event.objects.filter(type="queue.raised").count() == 1


def test_warning__before_the_deadline__once_and_not_after_it():
    made = room()
    near, far, late = waiting(made, 3)
    now = clock.now()
    for task, minutes in ((near, 20), (far, 90), (late, -1)):
        Task.objects.filter(pk=task.pk).update(due_at=now + timedelta(minutes=minutes))
    ruled(made, warn_minutes=30, warn_raise=5)
    assert (run(now), run(now)) == (1, 0)
    assert DeadlineAction.objects.get().task_id == near.pk
    assert run(now + timedelta(minutes=65)) == 1


def test_breach__move__waits_for_who_holds_the_case():
    made, ada = room(), person("ada", "reviewer")
    overdue(made, 2)
    lease = tasks.claim(queue_id=made.standard.pk, by=ada)
    ruled(made, breach_move="senior")
    assert run() == 1
    assert Task.objects.get(pk=lease.task_id).queue_id == made.standard.pk
    tasks.release(task_id=lease.task_id, token=lease.token, by=ada)
    assert run() == 1
    assert set(Task.objects.values_list("queue", flat=True)) == {made.senior.pk}


def test_breach__notify__tells_the_holder_and_the_queue_once():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    overdue(made, 2)
    lease = tasks.claim(queue_id=made.standard.pk, by=ada)
    ruled(made, breach_notify=True)
    assert run() == 2
    hand_on()
    assert run() == 0
    told = {one.person_id: one.path for one in Notice.objects.filter(topic="deadline")}
    assert told == {ada.pk: f"/tasks/{lease.task_id}/", bo.pk: f"/queues/{made.standard.pk}/"}


def test_breach__answer__contract_answers_before_its_own_time_and_once():
    made = room(failure={"on_timeout": {"do": "deny", "output": {"action": "decline"}}})
    decision = flagged(made)
    Deadline.objects.get_or_create(
        decision=decision, defaults={"agent": made.world.agent, "due_at": clock.now() + timedelta(hours=9)}
    )
    Task.objects.update(due_at=clock.now() - timedelta(minutes=1))
    ruled(made, breach_answer=True, breach_raise=1)
    assert (run(), run()) == (2, 0)
    assert Deadline.objects.get().outcome == "deny"
    assert Event.objects.filter(type="decision.timed_out").count() == 1
    hand_on()
    assert Task.objects.get().state == "cancelled"


def test_action__written_twice__database_refuses():
    made = room()
    task = overdue(made)[0]
    ruled(made, breach_raise=5)
    run()
    with pytest.raises(IntegrityError, match="deadlineaction_once"), transaction.atomic():
        DeadlineAction.objects.create(task=task, moment="breach", action="raise", acted_at=clock.now())


def test_run__killed_in_the_middle__nothing_is_half_done_and_the_next_does_it(monkeypatch):
    made = room()
    overdue(made, 3)
    ruled(made, breach_raise=5)

    def killed(*args, **told):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(deadlines.events, "record", killed)
        with pytest.raises(SystemExit):
            run()
    assert not DeadlineAction.objects.exists()
    assert set(Task.objects.values_list("priority", flat=True)) == {10}
    assert run() == 3


@pytest.mark.django_db(transaction=True)
def test_run__six_at_once__each_thing_is_done_once():
    made = room()
    overdue(made, 30)
    ruled(made, breach_raise=7, breach_notify=True)
    ready, now = Barrier(6), clock.now()

    def worker(_):
        try:
            ready.wait()
            return run(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        done = sum(pool.map(worker, range(6)))
    done += run(now)
    assert done == DeadlineAction.objects.count() == 60
    assert set(Task.objects.values_list("priority", flat=True)) == {17}


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({"warn_notify": True}, "warn_minutes"),
        ({"warn_minutes": 0}, "warn_minutes"),
        ({"breach_raise": 101}, "breach_raise"),
        ({"breach_move": "review"}, "breach_move"),
        ({"breach_move": "nowhere"}, "breach_move"),
    ],
)
def test_configure__fault__names_the_field(rules, path):
    with pytest.raises(Invalid) as caught:
        ruled(room(), **rules)
    assert list(caught.value.fields) == [path]


def test_configure__no_right__refused():
    made = room()
    for who, refusal in ((person("ada", "reviewer"), NotAllowed), (person("nina"), Missing)):
        with pytest.raises(refusal):
            deadlines.configure(queue_id=made.standard.pk, breach_raise=1, by=who)
