"""Who takes part in a simulation."""

import pytest

from reviewapp.ops.simulate import run
from reviewapp.ops.simulate.faults import SimulationError


def test_crowd__reviewers__are_the_demos() -> None:
    people = run.crowd(seed=1, reviewers=3, error_rate=0.1)
    assert people.reviewers == ("sim-01", "sim-02", "sim-03")


@pytest.mark.parametrize("reviewers", [0, 1, 25])
def test_crowd__too_few_or_too_many__says_how_many(reviewers: int) -> None:
    with pytest.raises(SimulationError, match="2 to 24 reviewers"):
        run.crowd(seed=1, reviewers=reviewers, error_rate=0.1)


@pytest.mark.parametrize("error_rate", [-0.1, 1.1])
def test_crowd__impossible_error_rate__refused(error_rate: float) -> None:
    with pytest.raises(SimulationError, match="error rate"):
        run.crowd(seed=1, reviewers=3, error_rate=error_rate)
