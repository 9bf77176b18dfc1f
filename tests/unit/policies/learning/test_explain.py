"""Differences between policies, in words."""

from policies.learning import explain

MONTHS = {"name": "months", "path": "input.months", "label": "Months", "type": "numeric", "edges": [12.0, 24.0],
          "points": [-0.5, 0.0, 0.5], "missing": 0.0}  # fmt: skip
PURPOSE = {"name": "purpose", "path": "input.purpose", "label": "Purpose", "type": "categorical",
           "points": {"car": 0.2, "tv": -0.2}, "other": 0.0, "missing": 0.0}  # fmt: skip


def _body(*features, exceptions=(), review_below=0.7):
    return {
        "guardrails": [],
        "exceptions": list(exceptions),
        "model": {"classes": ["approve", "decline"], "features": list(features)},
        "autonomy": {"review_below": review_below, "override_at": None, "sample_rate": 0.05},
        "exemplars": [],
    }


def test_changes__same_policy__none():
    assert explain.changes(_body(MONTHS, PURPOSE), _body(MONTHS, PURPOSE)) == ()


def test_changes__number_with_other_edges__compared_value_by_value():
    new = {**MONTHS, "edges": [24.0, 36.0], "points": [-0.5, 0.5, 1.5]}

    change = explain.changes(_body(MONTHS), _body(new))[0]

    assert [(step.what, step.before, step.after) for step in change.steps] == [
        ("below 12", -0.5, -0.5),
        ("12 to 24", 0.0, -0.5),
        ("24 to 36", 0.5, 0.5),
        ("36 and above", 0.5, 1.5),
    ]
    assert change.size == 1.0
    assert "stronger" in change.text
    assert "36 and above now speaks more for decline (+0.50 → +1.50 points)" in change.text


def test_changes__category_new__other_points_stand_in_for_the_old_value():
    new = {**PURPOSE, "points": {"boat": 0.6, "car": 0.2, "tv": -0.2}}

    change = explain.changes(_body(PURPOSE), _body(new))[0]

    assert change.steps[0] == explain.Step("boat", 0.0, 0.6)


def test_changes__largest_field_first():
    small = {**PURPOSE, "points": {"car": 0.3, "tv": -0.2}}
    large = {**MONTHS, "points": [-1.5, 0.0, 0.5]}

    assert [change.ref for change in explain.changes(_body(MONTHS, PURPOSE), _body(large, small))] == [
        "months",
        "purpose",
    ]


def test_changes__threshold__says_both_values():
    change = explain.changes(_body(), _body(review_below=0.72))[0]

    assert (change.area, change.ref, change.text) == ("threshold", "review_below", "0.7 → 0.72")


def test_changes__exception_added_and_removed():
    rule = {"id": "E-0001", "title": "Boats", "when": "input.purpose == 'boat'", "output": {"d": 1}, "support": 5}

    added = explain.changes(_body(), _body(exceptions=[rule]))[0]
    removed = explain.changes(_body(exceptions=[rule]), _body())[0]

    assert (added.kind, added.after) == ("added", rule["when"])
    assert "5 identical corrections" in added.text
    assert (removed.kind, removed.before, removed.after) == ("removed", rule["when"], "")


def test_changes__exception_with_more_support_only__no_change():
    rule = {"id": "E-0001", "title": "Boats", "when": "x", "output": {"d": 1}, "support": 5}

    assert explain.changes(_body(exceptions=[rule]), _body(exceptions=[{**rule, "support": 6}])) == ()


def test_changes__first_version__everything_is_added():
    assert {change.kind for change in explain.changes(None, _body(MONTHS))} == {"added"}
