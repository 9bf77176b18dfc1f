"""One authoritative consensus, whatever crashes, repeats or races."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from agents.models import Resolution
from corrections import handlers
from corrections.models import Consensus, Correction, Task
from corrections.services import aggregation, escalations
from reviewapp.core.accounts import actors
from reviewapp.core.events import registry
from reviewapp.core.events.models import Event, OutboxEntry
from tests.factories.feedback import flagged, hand_on, other, room, submit
from tests.factories.serving import person


@pytest.mark.django_db(transaction=True)
def test_aggregate__many_at_once__one_consensus_and_one_answer():
    made = room()
    decision = flagged(made)
    submit(Task.objects.get(decision=decision), person("amina", "reviewer"))
    start = Barrier(8)

    def work(_):
        try:
            start.wait()
            return aggregation.aggregate(decision_id=decision.pk, by=actors.SYSTEM).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert len(set(pool.map(work, range(8)))) == 1
    assert Consensus.objects.count() == Resolution.objects.count() == 1
    assert Event.objects.filter(type="consensus.formed").count() == 1


@pytest.mark.django_db
def test_handlers__every_event_handled_twice__nothing_more_happens():
    made = room(seats=2)
    decision = flagged(made)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    submit(one, person("amina", "reviewer"))
    submit(two, person("jonas", "reviewer"), verdict="agree")
    hand_on()
    submit(Task.objects.get(kind="adjudication"), person("sara", "senior_reviewer"))
    hand_on()

    def counts():
        return [model.objects.count() for model in (Task, Correction, Consensus, Resolution, Event)]

    before = counts()
    for event in Event.objects.order_by("id"):
        for handler in registry.handlers_of(event.type).values():
            if handler.__module__ == handlers.__name__:
                handler(event)
    assert counts() == before


@pytest.mark.django_db
def test_relay__handler_dies_half_way__leaves_nothing_half_done_and_repeats(monkeypatch):
    made = room()
    decision = flagged(made)
    submit(Task.objects.get(decision=decision), person("amina", "reviewer"))

    def dies(**_):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(aggregation.resolutions, "resolve", dies)
        hand_on()
    assert not Consensus.objects.exists(), "consensus and answer are one transaction"
    assert OutboxEntry.objects.filter(last_error__contains="killed").count() == 1
    OutboxEntry.objects.update(next_attempt_at="2000-01-01T00:00:00Z")
    hand_on()
    assert Consensus.objects.get(decision=decision).output == Resolution.objects.get(decision=decision).output
    assert not OutboxEntry.objects.exists()


@pytest.mark.django_db
def test_consensus_formed__event__carries_what_learning_needs_and_no_case_data():
    made = room()
    decision = flagged(made)
    submit(Task.objects.get(decision=decision), person("amina", "reviewer"))
    hand_on()
    settled = Consensus.objects.get(decision=decision)
    event = Event.objects.get(type="consensus.formed")
    assert (event.subject_id, event.scope, event.actor_kind) == (str(decision.pk), "lending", "system")
    assert event.data == {
        "consensus": str(settled.pk),
        "agent": "lending",
        "agent_id": str(made.world.agent.pk),
        "state": "usable",
        "label": other(decision)["action"],
        "changed": True,
        "method": "agreement",
    }


@pytest.mark.django_db
def test_approved_escalation__is_the_source_of_the_answer():
    made = room()
    decision = flagged(made, amount=20_000.0)
    done = submit(Task.objects.get(decision=decision), person("amina", "reviewer"))
    escalations.decide(
        escalation_id=done.escalation_id, verdict="approved", rationale="", by=person("tomas", "risk_officer")
    )
    hand_on()
    assert Resolution.objects.get(decision=decision).source == "escalation"


@pytest.mark.django_db
def test_adjudicated__is_the_source_of_the_answer():
    made = room()
    decision = flagged(made)
    submit(Task.objects.get(decision=decision), person("amina", "reviewer"), verdict="cannot_tell", reason_code="")
    hand_on()
    submit(Task.objects.get(kind="adjudication"), person("sara", "senior_reviewer"))
    hand_on()
    resolution = Resolution.objects.get(decision=decision)
    assert (resolution.source, resolution.output) == ("adjudication", other(decision))


@pytest.mark.django_db
def test_senior_cannot_tell__is_abstained__and_the_contract_answers():
    made = room()
    decision = flagged(made)
    submit(Task.objects.get(decision=decision), person("amina", "reviewer"), verdict="cannot_tell", reason_code="")
    hand_on()
    senior = person("sara", "senior_reviewer")
    submit(Task.objects.get(kind="adjudication"), senior, verdict="cannot_tell", reason_code="")
    hand_on()
    settled = Consensus.objects.get(decision=decision)
    assert (settled.state, settled.output, settled.label) == ("abstained", None, "")
    answer = Resolution.objects.get()
    assert (answer.output, answer.source) == (None, "contract")
    assert not Task.objects.filter(state="open").exists()
