"""A held case goes to a named colleague with all that was entered, and independence stays."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from corrections.models import Attachment, Correction, Draft, Handover, Task
from corrections.selectors import colleagues, queues, workbench
from corrections.services import attachments, drafts, handing, tasks
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from reviewapp.core.notices.models import Notice
from tests.factories.feedback import WORDS, flagged, hand_on, room, submit, waiting
from tests.factories.serving import person

pytestmark = pytest.mark.django_db
BODY = {"verdict": "correct", "justification": WORDS, "time_spent_ms": 9000}


def held(made, by):
    lease = tasks.claim(queue_id=made.standard.pk, by=by)
    return Task.objects.get(pk=lease.task_id), lease.token


def test_hand_over__with_draft__receiver_holds_it_and_goes_on_where_the_giver_stopped():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    waiting(made, 1)
    task, token = held(made, ada)
    drafts.save(task_id=task.pk, token=token, body=BODY, by=ada)
    done = handing.hand_over(task_id=task.pk, token=token, to="bo", note="Look at the payslip.", by=ada)
    assert (done.receiver, done.copied) == ("Bo Test", True)
    task.refresh_from_db()
    assert (task.lease_holder, task.lease_token) == (bo, token + 1)
    case = workbench.case(task.pk, bo, now=clock.now())
    assert case.mine
    assert case.draft == {"verdict": "correct", "justification": WORDS}
    assert (case.handed.by, case.handed.note, case.handed.copied) == ("Ada Test", "Look at the payslip.", True)
    assert Draft.objects.get(task=task, reviewer=ada).body == BODY
    record = Handover.objects.get()
    assert (record.handed_by, record.receiver, record.draft) == (ada, bo, BODY)


def test_hand_over__what_stands_in_the_form__goes_along_unsaved_or_not():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    waiting(made, 1)
    task, token = held(made, ada)
    handing.hand_over(task_id=task.pk, token=token, to="bo", body=BODY, by=ada)
    assert Draft.objects.get(task=task, reviewer=bo).body["justification"] == WORDS
    assert Draft.objects.get(task=task, reviewer=ada).body == BODY


def test_hand_over__receiver_had_begun_it__keeps_the_own_draft_and_reads_the_other():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    waiting(made, 1)
    task, token = held(made, bo)
    drafts.save(task_id=task.pk, token=token, body={"justification": "Mine."}, by=bo)
    tasks.release(task_id=task.pk, token=token, by=bo)
    task, token = held(made, ada)
    done = handing.hand_over(task_id=task.pk, token=token, to="bo", body=BODY, by=ada)
    case = workbench.case(task.pk, bo, now=clock.now())
    assert not done.copied
    assert case.draft == {"justification": "Mine."}
    assert case.handed.words == WORDS


def test_hand_over__files_of_the_draft__are_the_receivers_too():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    waiting(made, 1)
    task, token = held(made, ada)
    try:
        file = attachments.add(task_id=task.pk, name="a.txt", content=b"a note of the branch", by=ada)
    except Invalid:
        pytest.skip("this contract takes no files")
    handing.hand_over(task_id=task.pk, token=token, to="bo", body={**BODY, "attachments": [str(file.pk)]}, by=ada)
    copy = Attachment.objects.get(task=task, uploader=bo)
    assert Draft.objects.get(task=task, reviewer=bo).body["attachments"] == [str(copy.pk)]
    assert copy.digest == file.digest


def test_hand_over__is_told_to_the_receiver_and_recorded():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    waiting(made, 1)
    task, token = held(made, ada)
    handing.hand_over(task_id=task.pk, token=token, to="bo", note="Secret 4711", body=BODY, by=ada)
    hand_on()
    event = Event.objects.get(type="task.handed_over")
    assert (event.actor_id, event.data["receiver"], event.data["draft_by"]) == (str(ada.pk), str(bo.pk), str(ada.pk))
    notice = Notice.objects.get(person=bo, topic="handover")
    assert notice.title == "Ada Test handed you a case"
    assert notice.path == f"/tasks/{task.pk}/"
    assert "4711" not in notice.text + notice.title + str(event.data)


def test_hand_over__giver__can_neither_submit_nor_renew_any_more():
    made, ada = room(), person("ada", "reviewer")
    person("bo", "reviewer")
    waiting(made, 1)
    task, token = held(made, ada)
    handing.hand_over(task_id=task.pk, token=token, to="bo", by=ada)
    for act in (
        lambda: tasks.renew(task_id=task.pk, token=token, by=ada),
        lambda: handing.hand_over(task_id=task.pk, token=token, to="bo", by=ada),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "lease_lost"
    assert not Correction.objects.exists()


def test_hand_over__either_of_the_two__gets_no_other_seat_of_the_decision():
    made = room(seats=2)
    ada, bo, cy = (person(name, "reviewer") for name in ("ada", "bo", "cy"))
    decision = flagged(made)
    task, token = held(made, ada)
    handing.hand_over(task_id=task.pk, token=token, to="bo", body=BODY, by=ada)
    other = Task.objects.filter(decision=decision).exclude(pk=task.pk).get()
    for one in (ada, bo):
        assert tasks.claim(queue_id=made.standard.pk, by=one) is None
        assert queues.most_urgent(one, now=clock.now()) in (None, task)
        with pytest.raises(Conflict):
            tasks.claim_one(task_id=other.pk, by=one)
    submit(Task.objects.get(pk=task.pk), bo)
    assert tasks.claim(queue_id=made.standard.pk, by=ada) is None
    assert tasks.claim(queue_id=made.standard.pk, by=cy).task_id == other.pk


def test_hand_over__back_to_the_giver__works():
    made, ada, bo = room(seats=2), person("ada", "reviewer"), person("bo", "reviewer")
    flagged(made)
    task, token = held(made, ada)
    handing.hand_over(task_id=task.pk, token=token, to="bo", by=ada)
    handing.hand_over(task_id=task.pk, token=token + 1, to="ada", by=bo)
    task.refresh_from_db()
    assert task.lease_holder == ada


def test_hand_over__to_who_has_another_part_in_the_case__is_refused():
    made = room(seats=3)
    ada, bo, cy = (person(name, "reviewer") for name in ("ada", "bo", "cy"))
    flagged(made)
    one, token = held(made, ada)
    held(made, bo)
    third, _ = held(made, cy)
    submit(third, cy)
    for name in ("bo", "cy"):
        with pytest.raises(Conflict) as refused:
            handing.hand_over(task_id=one.pk, token=token, to=name, by=ada)
        assert refused.value.code == "not_independent"
    assert not Handover.objects.exists()


def test_hand_over__to_who_holds_enough__is_refused():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    waiting(made, tasks.MAX_HELD + 1)
    for _ in range(tasks.MAX_HELD):
        tasks.claim(queue_id=made.standard.pk, by=bo)
    task, token = held(made, ada)
    with pytest.raises(Conflict, match="holds 5 cases already"):
        handing.hand_over(task_id=task.pk, token=token, to="bo", by=ada)


@pytest.mark.parametrize("to", ["", "nobody", "ada", "eve", "gone"])
def test_hand_over__to_nobody_who_may_work_there__names_the_field(to):
    made, ada = room(), person("ada", "reviewer")
    person("eve", "auditor")
    gone = person("gone", "reviewer")
    gone.is_active = False
    gone.save()
    waiting(made, 1)
    task, token = held(made, ada)
    with pytest.raises(Invalid) as refused:
        handing.hand_over(task_id=task.pk, token=token, to=to, by=ada)
    assert list(refused.value.fields) == ["to"]


def test_hand_over__long_note__names_the_field():
    made, ada = room(), person("ada", "reviewer")
    person("bo", "reviewer")
    waiting(made, 1)
    task, token = held(made, ada)
    with pytest.raises(Invalid) as refused:
        handing.hand_over(task_id=task.pk, token=token, to="bo", note="x" * 501, by=ada)
    assert list(refused.value.fields) == ["note"]


def test_hand_over__reserved_case__stays_with_whom_it_came_back_to():
    made, ada = room(), person("ada", "reviewer")
    person("bo", "reviewer")
    waiting(made, 1)
    Task.objects.update(reserved_for=ada)
    task, token = held(made, ada)
    with pytest.raises(Conflict) as refused:
        handing.hand_over(task_id=task.pk, token=token, to="bo", by=ada)
    assert refused.value.code == "reserved"


def test_colleagues__are_those_of_the_queue_without_oneself():
    made, ada = room(), person("ada", "reviewer")
    person("bo", "reviewer")
    person("eve", "auditor")
    person("far", "reviewer", agent=room(slug="other").world.agent)
    (task,) = waiting(made, 1)
    assert [one.username for one in colleagues.of_task(task.pk, ada)] == ["bo"]
    with pytest.raises(NotAllowed):
        colleagues.of_task(task.pk, person("carl", "auditor"))
    with pytest.raises(Missing):
        colleagues.of_task(made.standard.pk, ada)


def test_handover__record__cannot_be_changed_or_go_to_oneself():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    waiting(made, 1)
    task, token = held(made, ada)
    handing.hand_over(task_id=task.pk, token=token, to="bo", by=ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.update(note="Something else")
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.create(
            task=task,
            decision_id=task.decision_id,
            kind=task.kind,
            seat=task.seat,
            receiver=bo,
            handed_by=bo,
            copied=False,
            lease_token=9,
            handed_at=clock.now(),
        )


@pytest.mark.django_db(transaction=True)
def test_hand_over__receiver_takes_the_other_seat_at_that_moment__never_both():
    for _ in range(5):
        made = room(seats=2, slug=f"credit-{_}")
        ada, bo = person(f"ada{_}", "reviewer"), person(f"bo{_}", "reviewer")
        flagged(made)
        task, token = held(made, ada)
        start = Barrier(2)

        def hand(task=task, token=token, ada=ada, bo=bo, start=start):
            try:
                start.wait()
                handing.hand_over(task_id=task.pk, token=token, to=bo.username, by=ada)
            except Conflict:
                pass
            finally:
                connection.close()

        def claim(made=made, bo=bo, start=start):
            try:
                start.wait()
                tasks.claim(queue_id=made.standard.pk, by=bo)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(hand), pool.submit(claim)]:
                done.result()
        assert Task.objects.filter(lease_holder=bo).count() <= 1
