"""Answering flagged decisions once."""

from uuid import uuid4

import pytest

from agents.models import Resolution
from agents.services import resolutions
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, Missing
from reviewapp.core.events.models import Event
from tests.factories import serving
from tests.factories.decisions import decided

pytestmark = pytest.mark.django_db
APPROVE, DECLINE = {"action": "approve"}, {"action": "decline"}


def test_resolve__flagged_decision__gets_its_answer_and_event() -> None:
    row = decided(serving.world(), serving.UNSURE_INPUT)
    made = resolutions.resolve(
        decision_id=row.pk, output=DECLINE, source="review", reference="task 1", by=actors.SYSTEM
    )
    assert (made.output, made.source, made.resolved_by_label) == (DECLINE, "review", "Countersign")
    event = Event.objects.get(type="decision.resolved")
    assert event.data["changed"] is True


def test_resolve__same_answer_again__returns_the_first() -> None:
    row = decided(serving.world(), serving.UNSURE_INPUT)
    first = resolutions.resolve(decision_id=row.pk, output=DECLINE, source="review", by=actors.SYSTEM)
    assert resolutions.resolve(decision_id=row.pk, output=DECLINE, source="escalation", by=actors.SYSTEM).pk == first.pk
    assert Resolution.objects.count() == 1


def test_resolve__other_answer__conflicts_and_tells_the_first() -> None:
    row = decided(serving.world(), serving.UNSURE_INPUT)
    resolutions.resolve(decision_id=row.pk, output=DECLINE, source="review", by=actors.SYSTEM)
    with pytest.raises(Conflict) as caught:
        resolutions.resolve(decision_id=row.pk, output=APPROVE, source="review", by=actors.SYSTEM)
    assert caught.value.extra["resolution"]["output"] == DECLINE


def test_resolve__answer_that_breaks_the_contract__is_refused() -> None:
    row = decided(serving.world(), serving.UNSURE_INPUT)
    with pytest.raises(Invalid) as caught:
        resolutions.resolve(decision_id=row.pk, output={"action": "perhaps"}, source="review", by=actors.SYSTEM)
    assert "output.action" in caught.value.fields


def test_resolve__automatic_unknown_or_odd_source__is_refused() -> None:
    world = serving.world()
    sure, unsure = decided(world), decided(world, serving.UNSURE_INPUT)
    with pytest.raises(Conflict):
        resolutions.resolve(decision_id=sure.pk, output=APPROVE, source="review", by=actors.SYSTEM)
    with pytest.raises(Missing):
        resolutions.resolve(decision_id=uuid4(), output=APPROVE, source="review", by=actors.SYSTEM)
    with pytest.raises(Invalid):
        resolutions.resolve(decision_id=unsure.pk, output=APPROVE, source="auto", by=actors.SYSTEM)
