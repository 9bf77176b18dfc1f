"""When a queue is empty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrections.rules import capacity

NUMBERS = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("waiting", "arrived", "closed", "hours"),
    [(0, 50, 0, 0.0), (10, 24, 48, 10.0), (10, 24, 24, None), (10, 25, 24, None), (10, 0, 0, None)],
)
def test_hours_to_empty__pace_of_a_day__is_what_is_closed_beyond_what_comes(waiting, arrived, closed, hours):
    assert capacity.hours_to_empty(waiting=waiting, arrived=arrived, closed=closed, hours=24) == hours


@given(NUMBERS, NUMBERS, NUMBERS)
def test_hours_to_empty__going_on_like_that__leaves_nothing(waiting, arrived, closed):
    found = capacity.hours_to_empty(waiting=waiting, arrived=arrived, closed=closed, hours=24)
    if found is not None:
        assert waiting + found * (arrived - closed) / 24 == pytest.approx(0, abs=1e-6)


def test_hours_to_empty__no_time__refused():
    with pytest.raises(ValueError, match="some time"):
        capacity.hours_to_empty(waiting=1, arrived=1, closed=1, hours=0)
