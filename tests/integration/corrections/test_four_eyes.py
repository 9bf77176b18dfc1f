"""Four eyes at a case: who judged it does not decide its escalation, and who decided does not judge, not even at one instant."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from corrections.models import Correction, Draft, Escalation, Task
from corrections.selectors import involved, judgements, queues, rights, workbench
from corrections.services import corrections, escalations, tasks
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, DomainError, NotAllowed
from tests.factories.feedback import Room, flagged, hand_on, room, submit
from tests.factories.serving import person

ENTRY: dict[str, Any] = {
    "verdict": "correct",
    "output": {"action": "decline"},
    "reason_code": "income",
    "justification": "The payslip of the third month does not carry this instalment.",
}


def raised() -> tuple[Room, Escalation, Task, User]:
    """Return a case with an escalation that waits, a seat that is free, and a risk officer who also reviews."""
    made = room(seats=2)
    decision = flagged(made, amount=20_000.0)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    done = submit(one, person("amina", "reviewer"))
    hand_on()
    both = person("tomas", "reviewer", "senior_reviewer", "risk_officer")
    return made, Escalation.objects.get(pk=done.escalation_id), two, both


def decide(escalation: Escalation, by: User, verdict: str = "approved") -> None:
    escalations.decide(escalation_id=escalation.pk, verdict=verdict, rationale="Sound.", by=by)


@pytest.mark.django_db
@pytest.mark.parametrize("verdict", ["approved", "rejected", "returned"])
def test_case__whose_escalation_a_person_decided__is_not_theirs_to_judge(verdict: str) -> None:
    made, escalation, free, both = raised()
    assert rights.may_judge(both, free)
    assert queues.open_count(both, now=clock.now()) == 1
    decide(escalation, both, verdict)
    assert not rights.may_judge(both, free)
    assert queues.open_count(both, now=clock.now()) == 0
    assert queues.most_urgent(both, now=clock.now()) is None
    assert tasks.claim(queue_id=made.standard.pk, by=both) is None
    with pytest.raises(Conflict, match="You decided an escalation") as caught:
        tasks.claim_one(task_id=free.pk, by=both)
    assert caught.value.code == "already_judged"
    assert not workbench.case(free.pk, both, now=clock.now()).may_judge
    # They are no reviewer of it any more, so nothing is kept from them.
    assert not judgements.withheld(free.decision_id, made.world.agent.pk, both)


@pytest.mark.django_db
def test_case__held_while_its_escalation_was_decided__is_refused_with_the_draft_kept() -> None:
    _, escalation, free, both = raised()
    lease = tasks.claim_one(task_id=free.pk, by=both)
    decide(escalation, both)
    with pytest.raises(Conflict, match="You decided an escalation"):
        corrections.submit(task_id=free.pk, token=lease.token, **ENTRY, by=both)
    assert not Correction.objects.filter(author=both).exists()
    assert Draft.objects.get(task=free, reviewer=both).body["justification"] == ENTRY["justification"]


@pytest.mark.django_db
def test_judgement__raw_sql_by_who_decided__is_refused_by_the_database() -> None:
    _, escalation, free, both = raised()
    decide(escalation, both)
    own = {"id", "author_id", "task_id"}
    names = ", ".join(field.column for field in Correction._meta.local_fields if field.column not in own)
    sql = (
        f"INSERT INTO corrections_correction (id, author_id, task_id, {names})"  # noqa: S608 - names of the model
        f" SELECT gen_random_uuid(), %s, %s, {names} FROM corrections_correction"
    )
    with (
        pytest.raises(IntegrityError, match="who decided an escalation"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [both.pk, free.pk])


@pytest.mark.django_db
def test_withdrawn_escalation__by_its_author__is_not_a_say_of_a_second_person() -> None:
    _, escalation, _, both = raised()
    assert not involved.has_decided(both, escalation.correction.decision_id)
    assert involved.is_involved(escalation.correction.author, escalation.correction.decision_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("entry", [ENTRY, {"verdict": "agree"}], ids=["risky", "ordinary"])
@pytest.mark.parametrize("first", ["judge", "decide"])
def test_judging_and_deciding__by_one_person_at_one_instant__only_the_first_is_written(
    first: str, entry: dict[str, Any]
) -> None:
    _, escalation, free, both = raised()
    lease = tasks.claim_one(task_id=free.pk, by=both)

    def judge() -> None:
        corrections.submit(task_id=free.pk, token=lease.token, **entry, by=both)

    acts: dict[str, Callable[[], None]] = {"judge": judge, "decide": lambda: decide(escalation, both)}
    other = next(name for name in acts if name != first)
    refused: list[DomainError] = []

    def late() -> None:
        try:
            acts[other]()
        except DomainError as fault:
            refused.append(fault)
        finally:
            connections.close_all()

    # The first has written and not committed when the second begins.
    with transaction.atomic():
        acts[first]()
        rival = threading.Thread(target=late)
        rival.start()
        rival.join(timeout=0.5)
        assert rival.is_alive()
    rival.join(timeout=20)
    assert [type(fault) for fault in refused] == [NotAllowed if other == "decide" else Conflict]
    escalation.approval.refresh_from_db()
    assert (escalation.approval.state == "approved") == (first == "decide")
    assert Correction.objects.filter(author=both).exists() == (first == "judge")
