"""What PostgreSQL itself refuses, tried with raw SQL past every service."""

import pytest
from django.db import IntegrityError, connection, transaction

from corrections.models import Consensus, Correction, Escalation, Task
from corrections.services import escalations, tasks
from reviewapp.core import clock
from reviewapp.core.approvals import services as approvals
from tests.factories.feedback import flagged, hand_on, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _foreign_keys_at_once(db):
    """Django defers foreign keys to the commit, which a test never reaches."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(match: str, sql: str) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def copy_of(correction: Correction, **changes) -> Correction:
    values = {field.attname: getattr(correction, field.attname) for field in Correction._meta.concrete_fields}
    del values["id"]
    return Correction(**{**values, **changes})


def insert(row: Correction, match: str) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("table", ["corrections_correction", "corrections_escalation"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_append_only__any_change__is_refused(table, sql):
    submit(Task.objects.get(decision=flagged(room(), amount=20_000.0)), person("amina", "reviewer"))
    refused("append-only", sql.format(table))


def test_person__second_seat_of_a_decision__is_refused_even_after_a_rejection():
    made = room()
    decision = flagged(made, amount=20_000.0)
    author = person("amina", "reviewer")
    done = submit(Task.objects.get(decision=decision), author)
    escalations.decide(
        escalation_id=done.escalation_id, verdict="rejected", rationale="No.", by=person("tomas", "risk_officer")
    )
    again = Task.objects.get(decision=decision, state="open")
    first = Correction.objects.get()
    insert(copy_of(first, task_id=again.pk), "correction_one_seat_each")


def test_replacing__what_someone_else_said__is_refused():
    made = room(seats=2)
    decision = flagged(made)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    submit(one, person("amina", "reviewer"))
    first = Correction.objects.get()
    stranger = person("jonas", "reviewer")
    insert(copy_of(first, task_id=two.pk, author_id=stranger.pk, replaces_id=first.pk), "correction_replaces_own")


def test_correction__of_another_decision_than_its_task__is_refused():
    made = room()
    one, two = flagged(made), flagged(made, amount=950.0)
    submit(Task.objects.get(decision=one), person("amina", "reviewer"))
    row = copy_of(
        Correction.objects.get(), task_id=Task.objects.get(decision=two).pk, author_id=person("jonas", "reviewer").pk
    )
    insert(row, "correction_of_task")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"verdict": "perhaps"}, "correction_verdict|correction_output_by_verdict"),
        ({"output": None}, "correction_output_by_verdict"),
        ({"verdict": "cannot_tell"}, "correction_output_by_verdict"),
        ({"confidence": 6}, "correction_confidence"),
    ],
)
def test_correction__that_makes_no_sense__is_refused(change, match):
    made = room(seats=2)
    one, two = Task.objects.filter(decision=flagged(made)).order_by("seat")
    submit(one, person("amina", "reviewer"))
    row = copy_of(Correction.objects.get(), task_id=two.pk, author_id=person("jonas", "reviewer").pk, **change)
    insert(row, match)


def test_escalation__asked_for_by_a_stand_in__is_refused():
    made = room()
    submit(Task.objects.get(decision=flagged(made)), person("amina", "reviewer"))
    correction = Correction.objects.get()
    approval = approvals.request(
        kind="correction",
        subject=("correction", str(correction.pk)),
        scope="lending",
        binding="sha256:0",
        by=person("jonas", "reviewer"),
    )
    with pytest.raises(IntegrityError, match="asked for by the author"), transaction.atomic():
        Escalation.objects.create(
            correction=correction,
            agent=made.world.agent,
            approval=approval,
            due_at=clock.now(),
            raised_at=clock.now(),
        )


@pytest.mark.parametrize(
    ("sql", "match"),
    [
        ("UPDATE corrections_task SET state = 'open', closed_at = NULL", "may not go from done to open"),
        ("UPDATE corrections_task SET seat = 9", "cannot change after insert"),
        ("UPDATE corrections_task SET lease_until = now()", "task_lease_whole|task_lease_only_open"),
        ("UPDATE corrections_task SET closed_at = NULL", "task_closed_pair"),
        ("DELETE FROM corrections_task", "keeps its rows"),
        ("UPDATE corrections_consensus SET label = 'other'", "cannot change after insert"),
        ("UPDATE corrections_consensus SET method = 'other'", "cannot change after insert"),
        ("DELETE FROM corrections_consensus", "keeps its rows"),
    ],
)
def test_settled_case__rewritten__is_refused(sql, match):
    submit(Task.objects.get(decision=flagged(room())), person("amina", "reviewer"))
    hand_on()
    refused(match, sql)


def test_consensus__once_superseded__never_becomes_authoritative_again():
    submit(Task.objects.get(decision=flagged(room())), person("amina", "reviewer"))
    hand_on()
    Consensus.objects.update(authoritative=False)
    refused("authoritative", "UPDATE corrections_consensus SET authoritative = true")


def test_lease__without_an_end__is_refused():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    tasks.claim_one(task_id=task.pk, by=person("amina", "reviewer"))
    refused("task_lease_whole", "UPDATE corrections_task SET lease_until = NULL")
