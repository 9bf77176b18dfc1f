"""What people said of a decision, and to whom it is shown."""

import pytest

from corrections.models import Task
from corrections.selectors import judgements
from corrections.services import escalations
from reviewapp.core.errors import Missing
from tests.factories.feedback import flagged, hand_on, other, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def test_of_decision__reviewer_who_may_still_judge__sees_nothing_of_others():
    made = room(seats=2)
    decision = flagged(made)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    amina, jonas = person("amina", "reviewer"), person("jonas", "reviewer")
    submit(one, amina)
    blind = judgements.of_decision(decision.pk, jonas)
    assert (blind.corrections, blind.withheld, blind.consensus) == ([], True, None)
    assert len(judgements.of_decision(decision.pk, person("audrey", "auditor")).corrections) == 1
    submit(two, jonas)
    assert len(judgements.of_decision(decision.pk, jonas).corrections) == 2


def test_of_decision__settled__says_what_counts_and_what_does_not():
    made = room(seats=2)
    decision = flagged(made)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    submit(one, person("amina", "reviewer"))
    submit(two, person("jonas", "reviewer"), verdict="agree")
    hand_on()
    submit(Task.objects.get(kind="adjudication"), person("sara", "senior_reviewer"))
    hand_on()
    got = judgements.of_decision(decision.pk, person("maria", "reviewer"))
    assert [(row.author, row.kind, row.standing) for row in got.corrections] == [
        ("Amina Test", "review", "counts"),
        ("Jonas Test", "review", "overruled"),
        ("Sara Test", "adjudication", "counts"),
    ]
    assert (got.consensus.state, got.consensus.output, got.withheld) == ("usable", other(decision), False)


@pytest.mark.parametrize(("verdict", "standing"), [("returned", "replaced"), ("rejected", "rejected")])
def test_of_decision__refused_by_a_risk_officer__does_not_count(verdict, standing):
    made = room()
    decision = flagged(made, amount=20_000.0)
    user = person("amina", "reviewer")
    done = submit(Task.objects.get(decision=decision), user)
    assert [row.standing for row in judgements.of_decision(decision.pk, user).corrections] == ["waits"]
    escalations.decide(
        escalation_id=done.escalation_id, verdict=verdict, rationale="So.", by=person("tomas", "risk_officer")
    )
    (row,) = judgements.of_decision(decision.pk, user).corrections
    assert (row.standing, row.escalation, row.decided_by) == (standing, verdict, "Tomas Test")


def test_of_decision__out_of_sight__is_missing():
    decision = flagged(room())
    with pytest.raises(Missing):
        judgements.of_decision(decision.pk, person("stranger"))
