"""Status and sampling."""

from hypothesis import given
from hypothesis import strategies as st

from agents.runtime import autonomy
from tests.factories.properties import steady


def test_worse__takes_the_one_that_asks_for_more() -> None:
    assert autonomy.worse("auto", "review") == "review"
    assert autonomy.worse("escalate", "review") == "escalate"
    assert autonomy.worse("auto", "auto") == "auto"


def test_sample__flagged_for_cause__is_seen_for_certain() -> None:
    drawn = autonomy.sample(decision_id="d", rate=1.0, flagged=True)
    assert (drawn.sampled, drawn.propensity) == (False, 1.0)


@steady
@given(st.uuids())
def test_sample__same_decision__same_choice_and_propensity_is_the_rate(identity: object) -> None:
    one = autonomy.sample(decision_id=str(identity), rate=0.05, flagged=False)
    assert one == autonomy.sample(decision_id=str(identity), rate=0.05, flagged=False)
    assert one.propensity == 0.05
    assert one.sampled == (one.bucket < 500)


def test_sample__many_decisions__meet_the_rate() -> None:
    hits = sum(autonomy.sample(decision_id=str(n), rate=0.1, flagged=False).sampled for n in range(20_000))
    assert abs(hits - 2_000) < 5 * 42.5
