"""The scorecard: learns what is there, adds up by hand, and rebuilds bit for bit."""

import math
from bisect import bisect_right

import pytest

from policies.learning import registry
from policies.learning.dataset import Row
from policies.learning.fields import CATEGORICAL, NUMERIC, Field
from policies.learning.learned import Task, TooLittle
from reviewapp.core import ids

FIELDS = (
    Field("months", "input.months", "Months", NUMERIC),
    Field("purpose", "input.purpose", "Purpose", CATEGORICAL, ("car", "tv")),
)
TASK = Task("decision", ("approve", "decline"), FIELDS, outputs={}, settings={"inverse_penalty": 1.0}, seed=3)


def _row(at, months, purpose, label, weight=1.0, proposal=None):
    return Row(
        id=f"r{at:03d}", source="reference", use="train", unit=f"u{at}", input={"months": months, "purpose": purpose},
        proposal=proposal, output={"decision": label}, label=label, decided=None, weight=weight,
    )  # fmt: skip


def _rows():
    # Long loans for cars go wrong, short ones for televisions do not; the rest is mixed.
    return [
        _row(at, months=6 + at % 48, purpose="car" if at % 2 else "tv", label="decline" if (at % 48) + 20 * (at % 2) > 40 else "approve")
        for at in range(200)
    ]  # fmt: skip


def _logit(model, inputs):
    total = model["intercept"]
    for feature in model["features"]:
        value = inputs.get(feature["name"])
        if value is None:
            total += feature["missing"]
        elif feature["type"] == "numeric":
            total += feature["points"][bisect_right(feature["edges"], value)]
        else:
            total += feature["points"].get(value, feature["other"])
    return total


def test_learn__clear_pattern__points_follow_it():
    model = registry.load("scorecard").learn(_rows(), TASK).model

    risky, safe = _logit(model, {"months": 50, "purpose": "car"}), _logit(model, {"months": 7, "purpose": "tv"})

    assert risky > 1.0 > -1.0 > safe


def test_learn__twice__same_bytes():
    learner = registry.load("scorecard")

    one, two = learner.learn(_rows(), TASK), learner.learn(_rows(), TASK)

    assert ids.canonical(one.model) == ids.canonical(two.model)
    assert one.unseen == two.unseen


def test_learn__average_case__contributions_cancel_out():
    rows = _rows()
    model = registry.load("scorecard").learn(rows, TASK).model

    mean = sum(_logit(model, row.input) - model["intercept"] for row in rows) / len(rows)

    assert abs(mean) < 1e-3


def test_learn__weight_of_one_side_falls__so_does_its_pull():
    learner = registry.load("scorecard")
    even = learner.learn(_rows(), TASK).model
    doubted = learner.learn(
        [_row(at, r.input["months"], r.input["purpose"], r.label, 0.1 if r.label == "decline" else 1.0) for at, r in enumerate(_rows())],
        TASK,
    ).model  # fmt: skip

    assert doubted["intercept"] < even["intercept"]


def test_learn__missing_value__moves_the_score_by_nothing():
    rows = [*_rows(), _row(900, None, "car", "decline")]

    model = registry.load("scorecard").learn(rows, TASK).model

    assert all(feature["missing"] == 0.0 for feature in model["features"])
    assert math.isfinite(model["intercept"])


def test_learn__rare_category__counts_as_other():
    rows = [*_rows(), _row(900, 12, "boat", "decline")]

    model = registry.load("scorecard").learn(rows, TASK).model

    purpose = next(feature for feature in model["features"] if feature["name"] == "purpose")
    assert set(purpose["points"]) == {"car", "tv"}


def test_learn__one_class_only__says_what_is_missing():
    rows = [row for row in _rows() if row.label == "approve"]

    with pytest.raises(TooLittle, match="approve and decline"):
        registry.load("scorecard").learn(rows, TASK)


def test_learn__agent_proposes__its_probability_counts():
    field = Field(
        "proposal_probability", "proposal.probability", "The agent's own probability", NUMERIC, required=False
    )
    task = Task("decision", ("no", "yes"), (field,), settings={"inverse_penalty": 1.0})
    rows = [
        _row(at, 1, "car", "yes" if at % 10 < 6 else "no",
             proposal={"output": {"decision": "yes" if at % 2 else "no"}, "confidence": 0.9 if at % 10 in {1, 3, 5, 6, 8} else 0.6})
        for at in range(200)
    ]  # fmt: skip

    model = registry.load("scorecard").learn(rows, task).model

    points = model["features"][0]["points"]
    assert points[-1] > points[0]


def test_load__unknown_learner__names_the_known_ones():
    with pytest.raises(ValueError, match="exemplars, scorecard"):
        registry.load("oracle")


def test_exemplars__corrected_cases__come_first_and_once_per_input():
    rows = [
        Row(
            f"consensus:{at}", "consensus", "train", f"u{at // 2}", {"at": at // 2}, None, {"a": 1}, "pay", decided, 0.9
        )
        for at, decided in enumerate(["pay", "pay", "deny", "deny", "pay", "deny"])
    ]

    learned = registry.load("exemplars").learn(rows, Task("a", ("pay", "deny"), (), settings={"exemplars": 2}))

    assert learned.model == {"kind": "none"}
    assert [item["source"] for item in learned.exemplars] == ["consensus:2", "consensus:5"]
