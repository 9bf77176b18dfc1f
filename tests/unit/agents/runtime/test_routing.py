"""Buckets: fixed for ever, evenly spread, independent between salts, never moving back as a canary grows."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from agents.runtime import routing
from tests.factories.properties import steady


def test_bucket__published_vectors__never_change() -> None:
    # Computed with `sha256sum` and exact fractions, not with the code under test.
    vectors = {("", ""): 6069, ("salt", "unit"): 7991, ("rollout-1", "case-0001"): 9368, ("ä", "é"): 3006}
    assert {key: routing.bucket(*key) for key in vectors} == vectors


def test_bucket__many_units__are_spread_evenly() -> None:
    counts = Counter(routing.bucket("s", str(unit)) // 1000 for unit in range(20_000))
    # Ten cells of 2,000 expected: five standard deviations are 212.
    assert all(abs(count - 2_000) < 212 for count in counts.values())


def test_bucket__two_salts__are_independent() -> None:
    both = sum(routing.bucket("a", str(u)) < 5000 and routing.bucket("b", str(u)) < 5000 for u in range(20_000))
    assert abs(both - 5_000) < 5 * 61.3


def test_bucket__salt_and_unit_cannot_run_together() -> None:
    assert routing.bucket("ab", "c") != routing.bucket("a", "bc")


@steady
@given(st.integers(0, 9_999), st.integers(0, 10_000), st.integers(0, 10_000))
def test_arm__growing_share__never_moves_a_unit_back(place: int, one: int, other: int) -> None:
    small, large = sorted((one, other))
    if routing.arm(place, small) == "canary":
        assert routing.arm(place, large) == "canary"


def test_arm__shares_at_the_ends() -> None:
    assert {routing.arm(place, 0) for place in (0, 9_999)} == {"stable"}
    assert {routing.arm(place, 10_000) for place in (0, 9_999)} == {"canary"}
