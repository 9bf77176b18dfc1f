"""Rollout plans."""

import pytest

from policies.rollout import plan
from policies.rollout.plan import PlanError, Stage

GOOD = [{"share_bp": 500, "min_decisions": 20, "min_minutes": 30}, {"share_bp": 2500}]


def test_parse__good_plan__stages_with_defaults():
    assert plan.parse(GOOD) == (Stage(500, 20, 30), Stage(2500, 0, 0))


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ([], "plan"),
        ("fast", "plan"),
        ([{"share_bp": 500}] * 9, "plan"),
        ([5], "plan.0"),
        ([{"share_bp": 0}], "plan.0.share_bp"),
        ([{"share_bp": 10_000}], "plan.0.share_bp"),
        ([{"share_bp": 2.5}], "plan.0.share_bp"),
        ([{"share_bp": True}], "plan.0.share_bp"),
        ([{"share_bp": 500}, {"share_bp": 500}], "plan.1.share_bp"),
        ([{"share_bp": 500, "min_minutes": -1}], "plan.0.min_minutes"),
        ([{"share_bp": 500, "hours": 1}], "plan.0.hours"),
    ],
)
def test_parse__faulty_plan__names_the_place(raw, path):
    with pytest.raises(PlanError) as caught:
        plan.parse(raw)

    assert caught.value.path == path


@pytest.mark.parametrize(
    ("decisions", "minutes", "words"),
    [
        (20, 30, ""),
        (5, 30, "15 of 20 decisions to go"),
        (25, 20.2, "10 min to go"),
        (0, 0, "20 of 20 decisions and 30 min to go"),
    ],
)
def test_waiting__says_what_is_missing(decisions, minutes, words):
    assert plan.waiting(Stage(500, 20, 30), decisions=decisions, minutes=minutes) == words


def test_waiting__long__in_hours():
    assert plan.waiting(Stage(500, 0, 2880), decisions=0, minutes=1350) == "25 h 30 min to go"


def test_percent__basis_points__as_written():
    assert [plan.percent(bp) for bp in (500, 50, 10_000)] == ["5 %", "0.5 %", "100 %"]
