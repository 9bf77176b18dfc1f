"""Waiting for people ends: by their answer or by the contract's own terms, once, whoever is first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from agents.models import Agent, Deadline, Decision, Resolution
from agents.services import resolutions, timeouts
from corrections.models import Consensus, Task
from reviewapp.core import clock, ids
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict
from reviewapp.core.events.models import Event
from tests.factories import feedback, serving
from tests.factories.feedback import Room
from tests.factories.serving import person

DENY = {"do": "deny", "output": {"action": "decline"}}
FALLBACK = {"do": "fallback", "output": {"action": "approve"}}
LATER = timedelta(minutes=61)


def _room(terms: dict[str, Any] | None = None) -> Room:
    return feedback.room(failure={"on_timeout": terms}) if terms else feedback.room()


def _fire() -> int:
    done = timeouts.fire_due(now=clock.now() + LATER, by=actors.SYSTEM)
    feedback.hand_on()
    return done


def _answer(decision: Decision) -> Resolution:
    return resolutions.resolve(decision_id=decision.pk, output={"action": "approve"}, source="review", by=actors.SYSTEM)


@pytest.mark.django_db
def test_fire_due__nobody_answered_and_contract_denies__agent_is_told_once_and_tasks_close() -> None:
    decision = feedback.flagged(_room(DENY))

    assert timeouts.fire_due(now=clock.now(), by=actors.SYSTEM) == 0, "not due yet"
    assert [_fire(), _fire()] == [1, 0]

    found = Resolution.objects.get(decision=decision)
    assert (found.output, found.source, found.reference) == ({"action": "decline"}, "contract", "on_timeout")
    assert Deadline.objects.get(pk=decision.pk).outcome == "deny"
    assert Event.objects.filter(type="decision.timed_out").count() == 1
    assert Task.objects.get(decision=decision).state == Task.State.CANCELLED


@pytest.mark.django_db
def test_fire_due__fallback__people_still_judge_and_are_learned_from() -> None:
    decision = feedback.flagged(_room(FALLBACK))
    _fire()
    task = Task.objects.get(decision=decision)
    assert task.state == Task.State.OPEN

    feedback.submit(task, person("amina", "reviewer"), output={"action": "decline"})
    feedback.hand_on()

    assert Consensus.objects.get(decision=decision).output == {"action": "decline"}
    assert Resolution.objects.get(decision=decision).output == {"action": "approve"}, "an answer is given once"


@pytest.mark.django_db
def test_fire_due__contract_leaves_it_to_people__is_told_once_and_their_answer_counts() -> None:
    decision = feedback.flagged(_room())

    assert [_fire(), _fire()] == [1, 0]
    assert not Resolution.objects.exists()
    assert Event.objects.get(type="decision.timed_out").data["do"] == "review"

    _answer(decision)
    assert Deadline.objects.get(pk=decision.pk).outcome == "review"


@pytest.mark.django_db
def test_fire_due__answered_in_time__does_nothing() -> None:
    decision = feedback.flagged(_room(DENY))
    _answer(decision)

    assert _fire() == 0
    assert Deadline.objects.get(pk=decision.pk).outcome == "answered"


@pytest.mark.django_db
def test_resolve__after_the_contract_has_answered__conflicts_and_carries_its_answer() -> None:
    decision = feedback.flagged(_room(DENY))
    _fire()

    with pytest.raises(Conflict) as caught:
        _answer(decision)
    first = caught.value.extra["resolution"]
    assert (first["output"], first["source"]) == ({"action": "decline"}, "contract")
    assert (first["agent"], first["contract"]) == ("lending", {"version": 1})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_fire_and_resolve__at_the_same_moment__one_answer_and_the_other_knows(turn: int) -> None:
    decision = feedback.flagged(_room(DENY))
    start = Barrier(6)

    def apart(work: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return work()
        except Conflict as fault:
            return fault.extra["resolution"]["source"]
        finally:
            connection.close()

    sweeps = [lambda: timeouts.fire(decision_id=decision.pk, now=clock.now() + LATER, by=actors.SYSTEM)] * 3
    people = [lambda: _answer(decision).source] * 3
    with ThreadPoolExecutor(max_workers=6) as pool:
        done = list(pool.map(apart, sweeps + people if turn % 2 else people + sweeps))

    found = Resolution.objects.get(decision=decision)
    fired = found.source == "contract"
    assert done.count(True) == (1 if fired else 0)
    assert [one for one in done if isinstance(one, str)] == [found.source] * 3
    assert Event.objects.filter(type="decision.timed_out").count() == int(fired)
    assert Deadline.objects.get(pk=decision.pk).outcome == ("deny" if fired else "answered")


@pytest.mark.django_db
@pytest.mark.parametrize(("terms", "output"), [(DENY, {"action": "decline"}), (None, None)])
def test_abstained__nobody_could_tell__agent_gets_what_the_contract_declares(terms: Any, output: Any) -> None:
    decision = feedback.flagged(_room(terms))
    feedback.submit(Task.objects.get(decision=decision), person("amina", "reviewer"), verdict="cannot_tell")
    feedback.hand_on()
    senior = Task.objects.get(decision=decision, kind="adjudication")
    feedback.submit(senior, person("sara", "senior_reviewer"), verdict="cannot_tell")
    feedback.hand_on()

    assert Consensus.objects.get(decision=decision).state == "abstained"
    found = Resolution.objects.get(decision=decision)
    assert (found.output, found.source) == (output, "contract")
    assert _fire() == 0


@pytest.mark.django_db
def test_await_people__twice_or_nobody_waits__one_deadline_or_none() -> None:
    made = _room()
    decision = feedback.flagged(made)
    first = timeouts.await_people(decision_id=decision.pk)
    assert first is not None
    assert first.due_at == decision.decided_at + timedelta(minutes=60)

    told = {"record": {"output": {"action": "approve"}, "decided_at": "2026-01-31T08:30:00Z"}}
    done = feedback.decided(made.world, serving.UNSURE_INPUT, **told)
    automatic = feedback.decided(made.world)
    assert [timeouts.await_people(decision_id=one.pk) for one in (done, automatic)] == [None, None]


@pytest.mark.django_db
def test_database__answer_of_another_agent_or_second_end__is_refused() -> None:
    decision = feedback.flagged(_room(DENY))
    other = serving.world(slug="other")
    with pytest.raises(IntegrityError, match="bound to the agent"), transaction.atomic():
        Resolution.objects.create(
            id=ids.uuid7(),
            decision=decision,
            agent=Agent.objects.get(pk=other.agent.pk),
            contract_id=decision.contract_id,
            output={},
            source="review",
            resolved_at=clock.now(),
            resolved_by_kind="system",
            resolved_by="x",
            resolved_by_label="X",
        )
    _fire()
    with pytest.raises(IntegrityError, match="may not go from"), transaction.atomic():
        Deadline.objects.filter(pk=decision.pk).update(outcome="answered")
