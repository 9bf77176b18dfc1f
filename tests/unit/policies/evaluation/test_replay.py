"""Replaying policies over known cases."""

import pytest

from agents.runtime.artifact import ArtifactError
from policies.evaluation import replay
from policies.learning.dataset import Row
from tests.factories import agents

CONTRACT = agents.spec()
GOOD = {"purpose": "car", "duration": 6, "amount": 900.0, "savings": 5000.0}
UNSURE = {"purpose": "car", "duration": 24, "amount": 900.0, "savings": 100.0}


def _policy(**changes):
    return replay.sealed(agents.policy_body(CONTRACT, **changes))


def _row(at, document, label="approve", source="reference"):
    return Row(f"r{at}", source, "test", f"u{at}", document, None, {"action": label}, label, None, 1.0)


def _one(policy, document, **changes):
    return replay.answers(policy, CONTRACT, [_row(1, document, **changes)], segments=["purpose"])[0]


def test_answers__sure_case__decided_alone_with_its_group():
    found = _one(_policy(), GOOD)

    assert (found.answer, found.status, found.right, found.fault) == ("approve", "auto", True, "")
    assert found.segments == (("purpose", "car"),)


def test_answers__unsure_case__goes_to_a_person():
    assert _one(_policy(), UNSURE).status == "review"


def test_answers__random_check_only__counts_as_decided_alone():
    always = _policy(autonomy={"review_below": 0.7, "override_at": None, "sample_rate": 1.0})

    assert _one(always, GOOD).status == "auto"


def test_answers__output_breaks_the_contract__is_a_fault_and_wrong():
    broken = agents.policy_body(CONTRACT)
    broken["model"]["outputs"]["approve"] = {"action": {"const": "approve"}, "limit": {"const": "much"}}

    found = _one(replay.sealed(broken), GOOD)

    assert found.fault.startswith("limit: ")
    assert not found.right


def test_answers__model_cannot_answer__is_a_fault_and_never_left_out():
    bare = _policy(model={"kind": "none"}, guardrails=[], exceptions=[])

    found = replay.answers(bare, CONTRACT, [_row(1, GOOD), _row(2, UNSURE)])

    assert [one.status for one in found] == ["review", "review"]
    assert all(one.fault for one in found)


def test_answers__rule_that_cannot_be_told__is_a_fault():
    rule = {"id": "R-9", "title": "Division", "when": "input.duration / (input.duration - 6) > 1", "action": "review"}

    assert _one(_policy(guardrails=[rule]), GOOD).fault.startswith("R-9: ")


def test_answers__policy_of_another_contract__refused():
    other = agents.spec(title="Other loans")

    with pytest.raises(ArtifactError):
        replay.answers(_policy(), other, [_row(1, GOOD)])


def test_flips__counts_changed_mended_and_broken():
    cautious = agents.policy_body(CONTRACT)
    cautious["model"]["intercept"] = -9.0
    rows = [_row(1, GOOD), _row(2, GOOD, "decline")]
    before, after = (replay.answers(one, CONTRACT, rows) for one in (_policy(), replay.sealed(cautious)))

    assert replay.flips(before, after) == {"cases": 2, "changed": 2, "mended": 1, "broken": 1}
