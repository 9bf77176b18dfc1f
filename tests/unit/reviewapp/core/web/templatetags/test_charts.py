"""Charts are text, so what they draw can be read."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from reviewapp.core.web.templatetags import charts

NOON = datetime(2020, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Look:
    at: datetime
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Group:
    stated: float
    right: float | None
    right_low: float
    right_high: float
    baseline: float | None


def _numbers(drawn: str, attribute: str) -> list[float]:
    return [float(found) for found in re.findall(rf'\b{attribute}="(-?[0-9.]+)"', drawn)]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.912, "share", "91.2 %"),
        (-0.016, "points", "−1.6 points"),
        (0.004, "points", "+0.4 points"),
        (3.0, "count", "3"),
        (None, "share", "no data"),
        (None, "points", "no data"),
    ],
)
def test_amount__unit__words(value, unit, words):
    assert charts.amount(value, unit) == words


def test_forest__value_limit_and_baseline__in_order_on_the_axis():
    drawn = charts.forest(0.2, 0.4, value=0.3, limit=0.5, baseline=0.1, axis_low=0.0, axis_high=0.6)

    baseline, value = _numbers(drawn, "cx")
    limit, low = _numbers(drawn, "x1")
    assert baseline < low < value < limit < 152


def test_forest__no_value__interval_only():
    drawn = charts.forest(0.0, 1.0, value=None, axis_low=0.0, axis_high=1.0)

    assert "whisker" in drawn
    assert "circle" not in drawn


def test_pair__both__hollow_before_and_solid_after_around_the_middle():
    drawn = charts.pair(-0.5, 0.5, 1.0)

    before, after = _numbers(drawn, "cx")
    assert before < 76 < after


@pytest.mark.parametrize(("before", "after"), [(None, 0.4), (0.4, None)])
def test_pair__one_missing__no_way_between(before, after):
    drawn = charts.pair(before, after, 1.0)

    assert drawn.count("<circle") == 1
    assert "whisker" not in drawn


def test_share_bar__shares__stand_side_by_side():
    drawn = charts.share_bar([0.95, 0.05])

    assert 'x="0.00%" width="95.00%"' in drawn
    assert 'x="95.30%" width="4.70%"' in drawn


def test_band__looks__a_line_within_its_band_and_times_at_both_ends():
    series = [Look(NOON + timedelta(hours=n), 0.01, 0.01 - 0.1 / (n + 1), 0.01 + 0.1 / (n + 1)) for n in range(4)]

    drawn = charts.band({}, series, 0.05, "Limit +5 points")

    assert 'class="band"' in drawn
    assert 'class="s1"' in drawn
    assert "Limit +5 points" in drawn
    assert re.search(r"20 Nov( \d{4})?, 12:00<", drawn)
    assert re.search(r"20 Nov( \d{4})?, 15:00<", drawn)


def test_band__one_look__a_dot_and_no_line():
    drawn = charts.band({}, [Look(NOON, 0.0, -1.0, 1.0)], 0.0, "Limit")

    assert "circle" in drawn
    assert "<path" not in drawn


def test_band__flat_at_zero__still_has_an_axis():
    assert "plot__y" in charts.band({}, [Look(NOON, 0.0, 0.0, 0.0)] * 2, 0.0, "Limit")


def test_calibration__groups__more_right_is_higher():
    drawn = charts.calibration([Group(0.6, 0.5, 0.4, 0.6, 0.55), Group(0.9, 0.95, 0.9, 1.0, None)])

    hollow, first, second = _numbers(drawn, "cy")
    assert second < hollow < first


def test_calibration__nothing__axes_only():
    assert "circle" not in charts.calibration([])
