"""Recalling a correction after it has taken effect: what stands, who is told, and what nobody can walk around."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from agents.models import Amendment, Decision, Resolution
from agents.selectors import decisions
from agents.services import webhooks
from corrections.models import Consensus, Correction, Recall, Task
from corrections.selectors import judgements, recalls
from corrections.services import aggregation, escalations, recalling, undoing
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing
from reviewapp.core.events.models import Event
from tests.factories.feedback import Room, flagged, hand_on, other, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def judged(made: Room, *who: User, **entry: object) -> tuple[Decision, list[Correction]]:
    """Let people judge one case, one seat each; they correct it unless `entry` says otherwise."""
    decision = flagged(made)
    said = []
    for user in who:
        task = Task.objects.filter(decision=decision, state="open", kind="review").order_by("seat").first()
        assert task is not None
        said.append(submit(task, user, **entry).correction_id)  # type: ignore[arg-type]
    hand_on()
    return decision, [Correction.objects.get(pk=key) for key in said]


def recall(correction: Correction, by: User) -> Recall:
    made = recalling.recall(correction_id=correction.pk, reason="I misread the payslip.", by=by)
    hand_on()
    return made


def standing(decision: Decision) -> Consensus | None:
    return Consensus.objects.filter(decision=decision, authoritative=True).first()


def test_recall__only_judgement__opens_the_case_for_somebody_else_and_tells_the_agent():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    decision, (said,) = judged(made, ada)
    assert Resolution.objects.get(decision=decision).output == other(decision)
    recall(said, ada)
    assert standing(decision) is None
    again = Task.objects.get(decision=decision, state="open")
    assert (again.round, again.reserved_for, again.why[0]["code"]) == (2, None, "recalled")
    told = Amendment.objects.get()
    assert (told.number, told.output, told.cause) == (1, None, "recalled")
    submit(again, bo, verdict="agree")
    hand_on()
    settled = standing(decision)
    assert settled is not None
    assert (settled.revision, settled.corrections == [said.pk]) == (2, False)
    last = Amendment.objects.order_by("number").last()
    assert last is not None
    assert (last.number, last.output, last.cause) == (2, decision.output, "settled")
    assert Resolution.objects.get(decision=decision).output == other(decision)


def test_recall__others_said_the_same__they_stand_and_the_agent_is_not_bothered():
    made, ada, bo = room(seats=2), person("ada", "reviewer"), person("bo", "reviewer")
    decision, (said, _) = judged(made, ada, bo)
    before = standing(decision)
    recall(said, ada)
    after = standing(decision)
    assert before is not None
    assert after is not None
    assert (after.revision, after.output) == (2, before.output)
    assert said.pk not in after.corrections
    assert after.confidence < before.confidence
    assert not Amendment.objects.exists()
    assert not Task.objects.filter(decision=decision, state="open").exists()


def test_recall__before_the_case_is_settled__asks_somebody_in_their_place():
    made, ada, bo, cy = room(seats=2), *(person(name, "reviewer") for name in ("ada", "bo", "cy"))
    decision, (said,) = judged(made, ada)
    recall(said, ada)
    assert Task.objects.filter(decision=decision, state="open").count() == 2
    for user in (bo, cy):
        submit(Task.objects.filter(decision=decision, state="open").order_by("seat")[0], user)
        hand_on()
    settled = standing(decision)
    assert settled is not None
    assert len(settled.corrections) == 2


def test_recall__of_the_senior__asks_a_senior_again():
    made, ada, bo = room(seats=2), person("ada", "reviewer"), person("bo", "reviewer")
    sen = person("sen", "senior_reviewer")
    decision = flagged(made)
    first, second = Task.objects.filter(decision=decision).order_by("seat")
    submit(first, ada)
    submit(second, bo, verdict="agree")
    hand_on()
    done = submit(Task.objects.get(decision=decision, kind="adjudication"), sen)
    hand_on()
    assert standing(decision) is not None
    recall(Correction.objects.get(pk=done.correction_id), sen)
    assert standing(decision) is None
    again = Task.objects.get(decision=decision, state="open")
    assert (again.kind, again.round) == ("adjudication", 2)


def test_recall__overruled_judgement__changes_nothing_but_the_record():
    made, ada, bo = room(seats=2), person("ada", "reviewer"), person("bo", "reviewer")
    decision = flagged(made)
    first, second = Task.objects.filter(decision=decision).order_by("seat")
    mine = submit(first, ada).correction_id
    submit(second, bo, verdict="agree")
    hand_on()
    submit(Task.objects.get(decision=decision, kind="adjudication"), person("sen", "senior_reviewer"), verdict="agree")
    hand_on()
    recall(Correction.objects.get(pk=mine), ada)
    settled = standing(decision)
    assert settled is not None
    assert settled.output == decision.output
    assert not Amendment.objects.exists()
    found = judgements.of_decision(decision.pk, ada).corrections
    assert next(one.standing for one in found if one.mine) == "recalled"


def test_recall__who_recalled__is_not_asked_again():
    made, ada = room(), person("ada", "reviewer")
    decision, (said,) = judged(made, ada)
    recall(said, ada)
    with pytest.raises(Conflict):
        submit(Task.objects.get(decision=decision, state="open"), ada)


def test_recall__webhook__gets_the_answer_with_what_people_say_now():
    made, ada = room(), person("ada", "reviewer")
    endpoint, _ = webhooks.add(
        agent_id=made.world.agent.pk, url="https://hooks.example/cs", by=person("dan", "agent_developer")
    )
    _, (said,) = judged(made, ada)
    recall(said, ada)
    message = endpoint.deliveries.get(type="countersign.decision.amended")
    assert '"amendment":{"number":1,"output":null,"cause":"recalled"' in message.body


def test_recall__handled_twice__changes_nothing_more():
    made, ada = room(), person("ada", "reviewer")
    decision, (said,) = judged(made, ada)
    recall(said, ada)
    before = (Task.objects.count(), Consensus.objects.count(), Amendment.objects.count())
    for _ in range(2):
        aggregation.reform(decision_id=decision.pk, cause="recalled", by=actors.SYSTEM)
    assert (Task.objects.count(), Consensus.objects.count(), Amendment.objects.count()) == before


def test_why_not__each_reason__is_told():
    made, ada = room(), person("ada", "reviewer")
    decision, (said,) = judged(made, ada)
    with pytest.raises(Missing):
        recalling.recall(correction_id=said.pk, reason="x", by=person("bo", "reviewer"))
    for reason in (" ", "x" * 1001, "a\x00b"):
        with pytest.raises(Invalid):
            recalling.recall(correction_id=said.pk, reason=reason, by=ada)
    recall(said, ada)
    with pytest.raises(Conflict, match="already"):
        recall(said, ada)
    held = submit(Task.objects.get(decision=flagged(made, amount=901.0)), ada, hold_seconds=30).correction_id
    with pytest.raises(Conflict, match="undo it instead"):
        recalling.recall(correction_id=held, reason="x", by=ada)
    undoing.undo(correction_id=held, by=ada)
    with pytest.raises(Conflict, match="never took effect"):
        recalling.recall(correction_id=held, reason="x", by=ada)
    assert decision is not None


@pytest.mark.parametrize(
    ("verdict", "says"), [("", "withdraw"), ("approved", "not yours alone"), ("rejected", "does not count")]
)
def test_recall__of_an_escalated_judgement__is_not_the_authors_alone(verdict: str, says: str):
    made, ada, ria = room(), person("ada", "reviewer"), person("ria", "risk_officer")
    done = submit(Task.objects.get(decision=flagged(made, amount=20000.0)), ada)
    hand_on()
    assert done.escalation_id is not None
    if verdict:
        escalations.decide(escalation_id=done.escalation_id, verdict=verdict, rationale="Seen the payslip.", by=ria)
        hand_on()
    with pytest.raises(Conflict, match=says):
        recalling.recall(correction_id=done.correction_id, reason="x", by=ada)
    if verdict != "rejected":
        said = Correction.objects.get(pk=done.correction_id)
        with pytest.raises(IntegrityError), transaction.atomic():
            _raw(said, ada)


def _raw(said: Correction, by: User) -> None:
    Recall.objects.create(
        correction=said, decision_id=said.decision_id, reason="x", recalled_at=clock.now(), recalled_by=by
    )


def test_database__recall_by_somebody_else_or_changed_later__is_refused():
    made, ada = room(), person("ada", "reviewer")
    _, (said,) = judged(made, ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        _raw(said, person("bo", "reviewer"))
    recall(said, ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recall.objects.update(reason="y")


def test_page__of_the_last_judgement__says_what_happens():
    made, ada = room(), person("ada", "reviewer")
    _, (said,) = judged(made, ada)
    page = recalls.page(ada, said.pk, now=clock.now())
    assert (page.carries, page.alone, page.why_not) == (True, True, "")


@pytest.mark.django_db(transaction=True)
def test_recall__while_a_colleague_submits_the_last_seat__is_counted_once_whoever_is_first():
    made, ada, bo = room(seats=2), person("ada", "reviewer"), person("bo", "reviewer")
    decision, (said,) = judged(made, ada)
    seat = Task.objects.get(decision=decision, state="open")
    together = threading.Barrier(2)

    def at_once(act) -> threading.Thread:
        def run() -> None:
            try:
                together.wait()
                act()
                hand_on()
            finally:
                connection.close()

        return threading.Thread(target=run)

    threads = [
        at_once(lambda: recalling.recall(correction_id=said.pk, reason="Misread.", by=ada)),
        at_once(lambda: submit(seat, bo)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hand_on()
    settled = standing(decision)
    # Either bo alone carries it, settled anew, or somebody is asked in ada's place.
    assert settled is not None or Task.objects.filter(decision=decision, state="open").exists()
    assert settled is None or said.pk not in settled.corrections
    assert Event.objects.filter(type="correction.recalled").count() == 1


def test_lists__case_taken_back_and_settled_again__say_so_only_while_nothing_stands():
    made, ada, bo = room(), person("ada", "reviewer"), person("bo", "reviewer")
    decision, (said,) = judged(made, ada)
    judged(made, ada)
    reader = person("eva", "auditor")

    def marked() -> list[bool]:
        return [row.taken_back for row in decisions.page(reader).rows if row.id == decision.pk]

    assert marked() == [False]
    recall(said, ada)
    assert marked() == [True]
    assert sum(row.taken_back for row in decisions.page(reader).rows) == 1
    client = Client()
    client.force_login(reader)
    for path in ("/decisions/", "/search/?kind=decisions", f"/decisions/{decision.pk}/"):
        assert "Taken back" in client.get(path).text, path
    submit(Task.objects.get(decision=decision, state="open"), bo)
    hand_on()
    assert marked() == [False]
