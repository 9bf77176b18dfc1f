"""Two reviewers never get one task."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from corrections import tasks as background
from corrections.models import Task
from corrections.services import tasks
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories.feedback import flagged, room, waiting
from tests.factories.serving import person


@pytest.mark.django_db(transaction=True)
def test_claim__forty_reviewers_at_once__two_hundred_tasks_and_no_double():
    made = room()
    waiting(made, 200)
    people = [person(f"reviewer{number}", "reviewer") for number in range(40)]
    start = Barrier(len(people))

    def work(user):
        try:
            start.wait()
            leases = [tasks.claim(queue_id=made.standard.pk, by=user) for _ in range(tasks.MAX_HELD)]
            return [(lease.task_id, lease.token) for lease in leases if lease]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(people)) as pool:
        got = [claimed for found in pool.map(work, people) for claimed in found]
    assert len(got) == 200, "SKIP LOCKED must pass over a busy task, never give up on the rest"
    assert len({task for task, _ in got}) == 200
    assert {token for _, token in got} == {1}
    assert Event.objects.filter(type="task.claimed").count() == 200


@pytest.mark.django_db(transaction=True)
def test_claim__two_reviewers_race_for_an_expired_lease__one_gets_it():
    made = room()
    (task,) = waiting(made, 1)
    people = [person(f"reviewer{number}", "reviewer") for number in range(8)]
    tasks.claim(queue_id=made.standard.pk, by=person("late", "reviewer"))
    Task.objects.update(lease_until="2000-01-01T00:00:00Z")
    start = Barrier(len(people))

    def work(user):
        try:
            start.wait()
            return tasks.claim(queue_id=made.standard.pk, by=user)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(people)) as pool:
        got = [lease for lease in pool.map(work, people) if lease]
    assert [(lease.task_id, lease.token) for lease in got] == [(task.pk, 2)]


@pytest.mark.django_db
def test_claim__most_urgent_first__and_one_seat_of_a_decision_each():
    made = room(seats=2)
    first = flagged(made)
    user = person("amina", "reviewer")
    lease = tasks.claim(queue_id=made.standard.pk, by=user)
    assert lease is not None
    assert Task.objects.get(pk=lease.task_id).decision == first
    assert tasks.claim(queue_id=made.standard.pk, by=user) is None, "the other seat is for someone else"


@pytest.mark.django_db
def test_claim__expired_lease__goes_to_the_next_with_a_higher_token():
    made = room()
    flagged(made)
    one = tasks.claim(queue_id=made.standard.pk, by=person("amina", "reviewer"))
    assert tasks.claim(queue_id=made.standard.pk, by=person("jonas", "reviewer")) is None
    Task.objects.update(lease_until="2000-01-01T00:00:00Z")
    two = tasks.claim(queue_id=made.standard.pk, by=person("sara", "reviewer"))
    assert (two.task_id, two.token) == (one.task_id, one.token + 1)


@pytest.mark.django_db
def test_claim__by_people_without_the_right__is_refused():
    made = room()
    flagged(made)
    with pytest.raises(NotAllowed):
        tasks.claim(queue_id=made.standard.pk, by=person("audrey", "auditor"))
    with pytest.raises(NotAllowed):
        tasks.claim(queue_id=made.senior.pk, by=person("amina", "reviewer"))
    with pytest.raises(Missing):
        tasks.claim(queue_id=made.standard.pk, by=person("stranger"))


@pytest.mark.django_db
def test_claim__too_many_held__is_a_conflict():
    made = room()
    for number in range(6):
        flagged(made, amount=900.0 + number)
    user = person("amina", "reviewer")
    for _ in range(5):
        assert tasks.claim(queue_id=made.standard.pk, by=user)
    with pytest.raises(Conflict, match="hold 5 tasks"):
        tasks.claim(queue_id=made.standard.pk, by=user)


@pytest.mark.django_db
def test_release__puts_the_task_back_for_others():
    made = room()
    flagged(made)
    user = person("amina", "reviewer")
    lease = tasks.claim(queue_id=made.standard.pk, by=user)
    tasks.release(task_id=lease.task_id, token=lease.token, reason="conflict of interest", by=user)
    again = tasks.claim(queue_id=made.standard.pk, by=person("jonas", "reviewer"))
    assert again.task_id == lease.task_id


@pytest.mark.django_db
def test_claim_one__another_seat_of_a_held_decision__is_for_someone_else():
    made = room(seats=2)
    decision = flagged(made)
    user = person("amina", "reviewer")
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    first = tasks.claim_one(task_id=one.pk, by=user)
    with pytest.raises(Conflict, match="another seat"):
        tasks.claim_one(task_id=two.pk, by=user)
    again = tasks.claim_one(task_id=one.pk, by=user)
    assert (again.token, again.until > first.until) == (first.token, True), "one's own lease is renewed"


@pytest.mark.django_db
def test_claim_one__held_or_closed__says_by_whom():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    tasks.claim_one(task_id=task.pk, by=person("amina", "reviewer"))
    jonas = person("jonas", "reviewer")
    with pytest.raises(Conflict, match="Amina Test is working on this"):
        tasks.claim_one(task_id=task.pk, by=jonas)
    with pytest.raises(Missing):
        tasks.claim_one(task_id=task.pk, by=person("stranger"))


@pytest.mark.django_db
def test_lease__ran_out_and_nobody_took_it__still_submits():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    user = person("amina", "reviewer")
    lease = tasks.claim_one(task_id=task.pk, by=user)
    ended = clock.now() - timedelta(minutes=20)
    Task.objects.filter(pk=task.pk).update(lease_until=ended)
    assert tasks.sweep(now=clock.now(), by=actors.SYSTEM) == (0, 0)
    assert tasks.renew(task_id=task.pk, token=lease.token, by=user).token == lease.token


@pytest.mark.django_db
def test_sweep__left_lying__is_put_back_once():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    user = person("amina", "reviewer")
    lease = tasks.claim_one(task_id=task.pk, by=user)
    Task.objects.filter(pk=task.pk).update(lease_until=clock.now() - tasks.LEFT_LYING)
    assert background.expire_leases() == 1
    assert background.expire_leases() == 0
    task.refresh_from_db()
    assert (task.lease_holder, task.lease_until) == (None, None)
    with pytest.raises(Conflict, match="has run out"):
        tasks.renew(task_id=task.pk, token=lease.token, by=user)


@pytest.mark.django_db(transaction=True)
def test_claim__one_person_in_many_windows_at_once__never_two_seats_of_one_decision():
    made = room(seats=3)
    for number in range(4):
        flagged(made, amount=900.0 + number)
    ada = person("ada", "reviewer")
    start = Barrier(4)

    def work(_):
        try:
            start.wait()
            return tasks.claim(queue_id=made.standard.pk, by=ada)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        got = [lease for lease in pool.map(work, range(4)) if lease]
    held = list(Task.objects.filter(lease_holder=ada).values_list("decision_id", flat=True))
    assert len(held) == len(set(held)) == len(got)
