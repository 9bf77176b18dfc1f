"""The scorecard: contributions in words, a sum that is exact, probabilities that do not depend on the machine."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime import model
from agents.runtime.model import Case, ModelError
from tests.factories.agents import POLICY
from tests.factories.properties import steady

CARD = model.build(POLICY["model"], units={"duration": "months", "savings": "EUR"})


def case(proposal: dict[str, Any] | None = None, **values: Any) -> Case:
    return Case({"purpose": "car", "duration": 24, "amount": 500.0, **values}, proposal, "u", "d")


@pytest.mark.parametrize(
    ("duration", "label", "points"),
    [
        (3, "Duration below 12 months", 1.1),
        (12, "Duration 12 to 24 months", 0.3),
        (24, "Duration 24 to 36 months", -0.2),
        (35.9, "Duration 24 to 36 months", -0.2),
        (36, "Duration 36 months and above", -1.7),
        (None, "Duration not given", 0.0),
    ],
)
def test_score__number__falls_into_its_bin(duration: Any, label: str, points: float) -> None:
    first = CARD.score(case(duration=duration)).contributions[0]
    assert (first.label, first.points, first.value) == (label, points, duration)


@pytest.mark.parametrize(("purpose", "points"), [("car", 0.1), ("education", 0.05), (None, 0.0)])
def test_score__category__has_points_or_those_of_the_others(purpose: Any, points: float) -> None:
    assert CARD.score(case(purpose=purpose)).contributions[1].points == points


def test_score__booleans__are_read_as_json_writes_them() -> None:
    assert (model.category(True), model.category(False), model.category(3)) == ("true", "false", "3")


def test_score__text_where_a_number_belongs__cannot_be_scored() -> None:
    with pytest.raises(ModelError, match="duration"):
        CARD.score(case(duration="24"))


@steady
@given(
    st.decimals(-9, 9, places=4),
    st.lists(st.decimals(-9, 9, places=4), min_size=1, max_size=30),
)
def test_score__any_points__sum_is_exact_in_decimals(intercept: Decimal, points: list[Decimal]) -> None:
    features = [
        {"name": f"f{i}", "path": "input.duration", "type": "numeric", "edges": [], "points": [float(one)]}
        for i, one in enumerate(points)
    ]
    card = model.build({**POLICY["model"], "intercept": float(intercept), "features": features}, units={})
    scored = card.score(case())
    shown = [Decimal(str(one["points"])) for one in scored.explanation()["contributions"]]
    assert Decimal(str(scored.total)) == Decimal(str(scored.intercept)) + sum(shown)


@steady
@given(st.floats(-1e5, 1e5))
def test_sigmoid__any_total__is_a_probability_and_symmetric(total: float) -> None:
    assert 0 <= model.sigmoid(total) <= 1
    assert abs(model.sigmoid(total) + model.sigmoid(-total) - 1) < 2e-6


def test_chosen__threshold__belongs_to_the_positive_class() -> None:
    assert CARD.chosen(0.5) == ("approve", 0.5)
    assert CARD.chosen(0.3) == ("decline", 0.7)


def test_answer__constants_and_copies_of_the_input() -> None:
    assert CARD.answer("approve", case()) == {"action": "approve", "limit": 500.0}
    with pytest.raises(ModelError, match="amount"):
        CARD.answer("approve", Case({}, None, "u", "d"))


@pytest.mark.parametrize(
    ("proposal", "expected"),
    [
        (None, None),
        ({"output": {"action": "approve"}}, None),
        ({"output": {"action": "approve"}, "confidence": 0.9}, 0.9),
        ({"output": {"action": "decline"}, "confidence": 0.9}, 0.1),
    ],
)
def test_probability_of__proposal__is_of_the_positive_class(proposal: Any, expected: float | None) -> None:
    assert model.probability_of(proposal, target="action", positive="approve") == expected


def test_ranges__no_edges_and_fractions() -> None:
    assert model.ranges([]) == ["any value"]
    assert model.ranges([0.5, 1500], "EUR") == ["below 0.5 EUR", "0.5 to 1,500 EUR", "1,500 EUR and above"]


def test_score__nested_and_proposal_paths__are_read() -> None:
    features = [
        {"name": "a", "path": "input.home.rooms", "type": "numeric", "edges": [2], "points": [0, 1]},
        {"name": "b", "path": "proposal.confidence", "type": "numeric", "edges": [0.5], "points": [0, 2]},
        {"name": "c", "path": "proposal.probability", "type": "numeric", "edges": [0.5], "points": [0, 4]},
    ]
    card = model.build({**POLICY["model"], "intercept": 0, "features": features}, units={})
    proposal = {"output": {"action": "decline"}, "confidence": 0.8}
    assert card.score(case(proposal, home={"rooms": 3})).total == 3
    assert card.score(case(None)).total == 0
