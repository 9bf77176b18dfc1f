"""Keeping queues: made, changed, paused; who may, what is refused, and that a paused queue gives out nothing."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from corrections.models import Queue, Task
from corrections.selectors import queues as reading
from corrections.services import corrections, queues, tasks
from corrections.services.queues import Terms
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories.feedback import flagged, hand_on, room
from tests.factories.serving import person, world

pytestmark = pytest.mark.django_db
TERMS = Terms("Flagged loans", purpose="uncertain ones", seats=2, lease_seconds=600, due_minutes=30, position=10)


def test_make__agent_without_queues__decisions_arrive_in_it() -> None:
    made, admin = world(), person("hanna", "policy_admin")
    queue = queues.make(agent_id=made.agent.pk, kind="standard", terms=TERMS, by=admin)
    assert (queue.name, queue.seats, queue.code, queue.due_minutes) == ("Flagged loans", 2, "review", 30)
    assert Event.objects.filter(type="queue.configured").latest("pk").actor_id == str(admin.pk)


def test_make__second_senior_queue__is_refused() -> None:
    made = room()
    with pytest.raises(Invalid) as caught:
        queues.make(agent_id=made.world.agent.pk, kind="senior", terms=TERMS, by=person("hanna", "policy_admin"))
    assert list(caught.value.fields) == ["kind"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"purpose": "a\x00b"}, "purpose"),
        ({"seats": 0}, "seats"),
        ({"seats": 6}, "seats"),
        ({"lease_seconds": 29}, "lease_seconds"),
        ({"due_minutes": 0}, "due_minutes"),
        ({"blind_percent": 101}, "blind_percent"),
        ({"position": -1}, "position"),
    ],
)
def test_change__what_does_not_fit__is_named_and_nothing_changes(changes: dict[str, object], field: str) -> None:
    queue = room().standard
    with pytest.raises(Invalid) as caught:
        queues.change(queue_id=queue.pk, terms=replace(TERMS, **changes), by=person("mei", "operator"))  # type: ignore[arg-type]
    assert list(caught.value.fields) == [field]
    assert Queue.objects.get(pk=queue.pk).name == queue.name


@pytest.mark.parametrize("role", ["reviewer", "senior_reviewer", "risk_officer", "auditor", "agent_developer"])
def test_keeping__roles_that_do_not_keep_queues__are_refused(role: str) -> None:
    made, who = room(), person("ada", role)
    with pytest.raises(NotAllowed):
        queues.change(queue_id=made.standard.pk, terms=TERMS, by=who)
    with pytest.raises(NotAllowed):
        queues.pause(queue_id=made.standard.pk, reason="Why not.", by=who)
    with pytest.raises(NotAllowed):
        queues.make(agent_id=made.world.agent.pk, kind="senior", terms=TERMS, by=who)


def test_keeping__somebody_of_another_agent__knows_no_such_queue() -> None:
    made = room()
    stranger = person("ada", "policy_admin", agent=world(slug="elsewhere").agent)
    with pytest.raises(Missing):
        queues.pause(queue_id=made.standard.pk, reason="Why not.", by=stranger)
    with pytest.raises(Missing):
        queues.make(agent_id=made.world.agent.pk, kind="senior", terms=TERMS, by=stranger)


def test_paused__nothing_is_given_out_and_what_is_held_may_be_finished() -> None:
    made, ada, admin = room(), person("ada", "reviewer"), person("hanna", "policy_admin")
    flagged(made)
    flagged(made, amount=990.0)
    lease = tasks.claim(queue_id=made.standard.pk, by=ada)
    assert lease is not None
    queues.pause(queue_id=made.standard.pk, reason="The rates feed is wrong.", by=admin)
    queues.pause(queue_id=made.standard.pk, reason="Again.", by=admin)
    other = Task.objects.exclude(pk=lease.task_id).get()
    with pytest.raises(Conflict, match="paused: The rates feed is wrong") as caught:
        tasks.claim(queue_id=made.standard.pk, by=ada)
    assert caught.value.code == "queue_paused"
    with pytest.raises(Conflict, match="is paused"):
        tasks.claim_one(task_id=other.pk, by=ada)
    assert reading.open_count(ada, now=clock.now()) == 0
    assert reading.most_urgent(ada, now=clock.now()) is None
    tasks.renew(task_id=lease.task_id, token=lease.token, by=ada)
    assert corrections.submit(task_id=lease.task_id, token=lease.token, verdict="agree", by=ada).correction_id
    hand_on()
    queues.resume(queue_id=made.standard.pk, by=admin)
    assert tasks.claim(queue_id=made.standard.pk, by=ada) is not None
    kinds = list(Event.objects.filter(type__startswith="queue.p").values_list("type", flat=True))
    assert kinds == ["queue.paused"]


def test_pause__without_a_reason__is_refused_by_service_and_database() -> None:
    queue = room().standard
    admin = person("hanna", "policy_admin")
    with pytest.raises(Invalid) as caught:
        queues.pause(queue_id=queue.pk, reason="  ", by=admin)
    assert list(caught.value.fields) == ["reason"]
    with pytest.raises(IntegrityError, match="queue_paused_pair"), transaction.atomic():
        Queue.objects.filter(pk=queue.pk).update(paused_at=clock.now(), paused_by=admin)
