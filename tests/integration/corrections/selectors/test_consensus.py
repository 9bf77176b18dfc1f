"""What the learning plane reads."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corrections.models import Consensus, Task
from corrections.selectors import consensus
from tests.factories.feedback import flagged, hand_on, other, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def settle(made, count):
    user = person("amina", "reviewer")
    decisions = [flagged(made, amount=900.0 + number) for number in range(count)]
    for decision in decisions:
        submit(Task.objects.get(decision=decision), user)
    hand_on()
    return decisions


def test_usable__carries_the_case_the_answer_and_the_policy_that_decided():
    made = room()
    (decision,) = settle(made, 1)
    (row,) = consensus.usable(made.world.agent.pk)
    settled = Consensus.objects.get()
    assert (row.id, row.decision_id, row.input, row.decided) == (
        settled.pk,
        decision.pk,
        decision.input,
        decision.output,
    )
    assert (row.output, row.label, row.changed) == (other(decision), other(decision)["action"], True)
    assert (row.policy_version, row.artifact_digest, row.propensity) == (1, decision.artifact_id, decision.propensity)
    assert row.corrections == tuple(settled.corrections)


def test_usable__window__is_open_below_and_closed_above():
    made = room()
    settle(made, 3)
    times = list(Consensus.objects.order_by("formed_at").values_list("formed_at", flat=True))
    agent = made.world.agent.pk
    assert [row.formed_at for row in consensus.usable(agent)] == times
    assert [row.formed_at for row in consensus.usable(agent, after=times[0], until=times[1])] == [times[1]]
    assert consensus.count_usable(agent, after=times[0]) == 2
    assert consensus.usable(agent, after=times[-1] + timedelta(seconds=1)) == []


def test_usable__many_rows__costs_two_queries():
    made = room()
    settle(made, 5)
    with CaptureQueriesContext(connection) as seen:
        assert len(consensus.usable(made.world.agent.pk)) == 5
    assert len(seen) == 2


def test_counts__every_stage__is_counted_once():
    made = room()
    settle(made, 2)
    user = person("jonas", "reviewer")
    flagged(made, amount=1000.0)
    submit(Task.objects.get(decision=flagged(made, amount=1001.0)), user, verdict="cannot_tell", reason_code="")
    submit(Task.objects.get(decision=flagged(made, amount=20_000.0)), user)
    hand_on()
    assert consensus.counts(made.world.agent.pk) == consensus.Counts(
        usable=2, changed=2, abstained=0, open_reviews=1, open_adjudications=1, open_escalations=1
    )


def test_of_decisions__only_the_authoritative_one():
    made = room()
    (decision,) = settle(made, 1)
    assert set(consensus.of_decisions([decision.pk])) == {decision.pk}
    Consensus.objects.update(authoritative=False)
    assert consensus.of_decisions([decision.pk]) == {}
