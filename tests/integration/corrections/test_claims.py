"""Two reviewers never get one task."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from corrections.models import Task
from corrections.services import tasks
from reviewapp.core.errors import Conflict, Missing, NotAllowed
from tests.factories.feedback import flagged, room
from tests.factories.serving import person


@pytest.mark.django_db(transaction=True)
def test_claim__many_reviewers_at_once__never_the_same_task_twice():
    made = room()
    for number in range(40):
        flagged(made, amount=900.0 + number)
    people = [person(f"reviewer{number}", "reviewer") for number in range(10)]

    def work(user):
        try:
            leases = [tasks.claim(queue_id=made.standard.pk, by=user) for _ in range(4)]
            return [lease.task_id for lease in leases if lease]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=10) as pool:
        got = [task for found in pool.map(work, people) for task in found]
    assert len(got) == 40
    assert len(set(got)) == 40


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
