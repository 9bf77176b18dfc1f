"""The sentences that read a plot."""

import pytest

from policies.learning.explain import Change, Step
from policies.selectors.evaluations import CalibrationRow
from policies.views import present


def _field(name: str, size: float) -> Change:
    return Change("field", "changed", name, name, "", "", "", size, (Step("low", -size, size / 2),))


def _group(low: float, stated: float, right: tuple[float, float, float]) -> CalibrationRow:
    return CalibrationRow(low, low + 0.1, 40, stated, right[1], right[0], right[2], None)


def test_grouped__many_fields__the_rest_apart_and_one_scale():
    found = present.grouped([_field(f"f{n}", 0.1 * n) for n in range(1, 9)])

    assert (len(found.fields), len(found.lesser_fields)) == (6, 2)
    assert found.reach == pytest.approx(0.8)


def test_grouped__nothing__no_division_by_zero():
    assert present.grouped([]).reach == 1.0


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([], "states no confidence"),
        ([_group(0.7, 0.75, (0.6, 0.7, 0.8))], "In every group the interval holds what was stated."),
        (
            [_group(0.7, 0.75, (0.6, 0.7, 0.8)), _group(0.8, 0.85, (0.5, 0.6, 0.7))],
            "In 1 of 2 groups the interval holds what was stated; it is surer than it should be between 80 % and 90 %.",
        ),
        ([_group(0.5, 0.55, (0.6, 0.7, 0.8))], "it is right more often than it says between 50 % and 60 %"),
    ],
)
def test_calibrated__groups__what_the_plot_shows(groups, said):
    assert said in present.calibrated(groups)
