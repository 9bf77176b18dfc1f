"""From a flagged decision to one consensus, through the services and the relay."""

import pytest
from django.db import IntegrityError, connection, transaction

from agents.models import Resolution
from agents.selectors import story
from corrections.models import Consensus, Correction, Draft, Escalation, Task
from corrections.services import aggregation, drafts, escalations, seats, tasks
from reviewapp.core import events
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, NotAllowed
from tests.factories.feedback import WORDS, flagged, hand_on, other, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def test_flagged_decision__handled_twice__opens_each_seat_once():
    made = room(seats=2)
    decision = flagged(made)
    seats.open_for_decision(decision_id=decision.pk, by=actors.SYSTEM)
    assert Task.objects.filter(decision=decision).count() == 2


def test_agreement_of_two__becomes_consensus_and_resolves_the_decision():
    made = room(seats=2)
    decision = flagged(made)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    submit(one, person("amina", "reviewer"))
    hand_on()
    assert not Consensus.objects.exists(), "one seat is still open"
    submit(two, person("jonas", "reviewer"))
    hand_on()
    settled = Consensus.objects.get(decision=decision)
    assert (settled.state, settled.method, settled.changed) == ("usable", "agreement", True)
    assert settled.output == other(decision)
    assert settled.confidence > 0.9
    resolution = Resolution.objects.get(decision=decision)
    assert (resolution.output, resolution.source) == (other(decision), "review")


def test_aggregation__run_again__changes_nothing():
    made = room()
    decision = flagged(made)
    submit(Task.objects.get(decision=decision), person("amina", "reviewer"))
    hand_on()
    first = Consensus.objects.get(decision=decision)
    assert aggregation.aggregate(decision_id=decision.pk, by=actors.SYSTEM) == first
    assert Consensus.objects.count() == 1


def test_disagreement__goes_to_the_senior_queue__and_the_senior_settles():
    made = room(seats=2)
    decision = flagged(made)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    submit(one, person("amina", "reviewer"))
    submit(two, person("jonas", "reviewer"), verdict="agree")
    hand_on()
    task = Task.objects.get(decision=decision, kind="adjudication")
    assert task.queue == made.senior
    submit(task, person("sara", "senior_reviewer"), verdict="agree")
    hand_on()
    settled = Consensus.objects.get(decision=decision)
    assert (settled.method, settled.changed, settled.output) == ("adjudication", False, decision.output)


def test_adjudication__by_someone_who_reviewed_it__is_refused():
    made = room(seats=2)
    decision = flagged(made)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    senior = person("sara", "senior_reviewer")
    submit(one, senior)
    submit(two, person("jonas", "reviewer"), verdict="agree")
    hand_on()
    assert tasks.claim(queue_id=made.senior.pk, by=senior) is None
    with pytest.raises(Conflict, match="judged this decision"):
        tasks.claim_one(task_id=Task.objects.get(kind="adjudication").pk, by=senior)


def test_cannot_tell__goes_to_the_senior_queue():
    made = room()
    decision = flagged(made)
    submit(Task.objects.get(decision=decision), person("amina", "reviewer"), verdict="cannot_tell", reason_code="")
    hand_on()
    assert Task.objects.filter(decision=decision, kind="adjudication", state="open").count() == 1


def test_risky_correction__waits_for_a_risk_officer__who_is_not_its_author():
    made = room()
    decision = flagged(made, amount=20_000.0)
    author = person("amina", "reviewer", "risk_officer")
    done = submit(Task.objects.get(decision=decision), author)
    hand_on()
    assert done.escalation_id is not None
    assert not Consensus.objects.exists()
    with pytest.raises(NotAllowed, match="four-eyes"):
        escalations.decide(escalation_id=done.escalation_id, verdict="approved", rationale="", by=author)
    with pytest.raises(NotAllowed, match="decide escalations"):
        escalations.decide(
            escalation_id=done.escalation_id, verdict="approved", rationale="", by=person("jonas", "reviewer")
        )
    escalations.decide(
        escalation_id=done.escalation_id, verdict="approved", rationale="Sound.", by=person("tomas", "risk_officer")
    )
    hand_on()
    assert Consensus.objects.get(decision=decision).state == "usable"


def test_four_eyes__raw_sql_by_the_author__is_refused_by_the_database():
    made = room()
    author = person("amina", "reviewer")
    done = submit(Task.objects.get(decision=flagged(made, amount=20_000.0)), author)
    approval = Escalation.objects.get(pk=done.escalation_id).approval_id
    sql = "UPDATE approvals_approvalrequest SET state='approved', decided_at=now(), decided_by_id=%s WHERE id=%s"
    with pytest.raises(IntegrityError, match="approval_four_eyes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [author.pk, approval])


def test_escalation__decided_by_who_judged_another_seat__is_refused_by_service_and_database():
    made = room(seats=2)
    decision = flagged(made, amount=20_000.0)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    involved, fresh = person("tomas", "reviewer", "risk_officer"), person("priya", "risk_officer")
    done = submit(one, person("amina", "reviewer"))
    submit(two, involved, verdict="agree")
    for verdict in ("approved", "rejected", "returned"):
        with pytest.raises(NotAllowed, match="You judged this case") as caught:
            escalations.decide(escalation_id=done.escalation_id, verdict=verdict, rationale="Sound.", by=involved)
        assert caught.value.code == "four_eyes"
    approval = Escalation.objects.get(pk=done.escalation_id).approval_id
    sql = "UPDATE approvals_approvalrequest SET state='approved', decided_at=now(), decided_by_id=%s WHERE id=%s"
    with (
        pytest.raises(IntegrityError, match="who judged the case"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [involved.pk, approval])
    done = escalations.decide(escalation_id=done.escalation_id, verdict="approved", rationale="", by=fresh)
    assert (done.approval.state, done.approval.decided_by) == ("approved", fresh)


def test_returned_correction__comes_back_to_its_author_with_the_draft():
    made = room()
    decision = flagged(made, amount=20_000.0)
    author, officer = person("amina", "reviewer"), person("tomas", "risk_officer")
    done = submit(Task.objects.get(decision=decision), author)
    escalations.decide(escalation_id=done.escalation_id, verdict="returned", rationale="Which payslip?", by=officer)
    hand_on()
    task = Task.objects.get(decision=decision, state="open")
    assert task.reserved_for == author
    assert Draft.objects.get(task=task, reviewer=author).body["justification"] == WORDS
    assert tasks.claim(queue_id=made.standard.pk, by=person("jonas", "reviewer")) is None
    again = submit(task, author)
    assert again.escalation_id is not None
    escalations.decide(escalation_id=again.escalation_id, verdict="approved", rationale="", by=officer)
    hand_on()
    assert Consensus.objects.get(decision=decision).corrections == [again.correction_id]


def test_rejected_correction__does_not_count__and_someone_else_judges():
    made = room()
    decision = flagged(made, amount=20_000.0)
    author, officer = person("amina", "reviewer"), person("tomas", "risk_officer")
    done = submit(Task.objects.get(decision=decision), author)
    escalations.decide(escalation_id=done.escalation_id, verdict="rejected", rationale="Not supported.", by=officer)
    hand_on()
    assert tasks.claim(queue_id=made.standard.pk, by=author) is None
    submit(Task.objects.get(decision=decision, state="open"), person("jonas", "reviewer"), verdict="agree")
    hand_on()
    assert Consensus.objects.get(decision=decision).output == decision.output


def test_incomplete_correction__names_every_fault_by_path__and_keeps_the_task():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    with pytest.raises(Invalid) as caught:
        submit(
            task,
            person("amina", "reviewer"),
            output={"action": "perhaps"},
            reason_code="nonsense",
            justification="short",
            evidence=["/nowhere"],
            confidence=9,
        )
    assert set(caught.value.fields) == {"output.action", "reason_code", "justification", "evidence[0]", "confidence"}
    task.refresh_from_db()
    assert task.state == "open"


def test_stale_token__is_a_conflict__and_the_draft_stays():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    amina, jonas = person("amina", "reviewer"), person("jonas", "reviewer")
    old = tasks.claim_one(task_id=task.pk, by=amina)
    drafts.save(task_id=task.pk, token=old.token, body={"justification": "half a thought"}, by=amina)
    Task.objects.filter(pk=task.pk).update(lease_until="2000-01-01T00:00:00Z")
    tasks.claim_one(task_id=task.pk, by=jonas)
    with pytest.raises(Conflict, match="Jonas Test holds this task now") as caught:
        tasks.renew(task_id=task.pk, token=old.token, by=amina)
    assert caught.value.code == "lease_lost"
    _, holds = drafts.save(task_id=task.pk, token=old.token, body={"justification": "a whole thought"}, by=amina)
    assert not holds
    assert Draft.objects.get(task=task, reviewer=amina).body == {"justification": "a whole thought"}


def test_correction__raw_update__is_refused_by_the_database():
    made = room()
    submit(Task.objects.get(decision=flagged(made)), person("amina", "reviewer"))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Correction.objects.update(justification="rewritten")


def test_second_authoritative_consensus__is_refused_by_the_database():
    made = room()
    decision = flagged(made)
    submit(Task.objects.get(decision=decision), person("amina", "reviewer"))
    hand_on()
    row = Consensus.objects.get(decision=decision)
    row.pk, row.revision = None, 2
    row.id = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Consensus(
            decision=decision,
            agent_id=row.agent_id,
            revision=2,
            state="usable",
            output={},
            confidence=1,
            method="x",
            changed=False,
            corrections=[],
            formed_at=row.formed_at,
        ).save(force_insert=True)


def test_story__a_time_in_it__is_told_in_the_zone_of_who_asks():
    decision = flagged(room())
    events.record(
        "decision.timed_out",
        subject=("decision", str(decision.pk)),
        actor=actors.SYSTEM,
        scope="lending",
        data={"do": "fallback", "due_at": "2026-11-23T20:35:27.654986+00:00"},
    )
    eva = person("eva", "auditor")
    eva.time_zone = "Asia/Tokyo"
    notes = [entry.note for entry in story.of_decision(eva, decision.pk)]
    assert "Countersign, do: fallback, due at: 24 Nov 2026, 05:35" in notes
