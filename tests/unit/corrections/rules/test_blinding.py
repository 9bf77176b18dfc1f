"""The choice of blind cases: by hash, in the share that was asked for."""

from uuid import UUID

from corrections.rules.blinding import is_blind

IDS = [UUID(int=number * 7919 + 1) for number in range(20_000)]


def test_is_blind__none_and_all__are_exact() -> None:
    assert not any(is_blind(one, percent=0) for one in IDS)
    assert all(is_blind(one, percent=100) for one in IDS)


def test_is_blind__share__is_met_within_chance() -> None:
    # Four standard errors of a binomial share of 20,000.
    share = sum(is_blind(one, percent=10) for one in IDS) / len(IDS)
    assert abs(share - 0.1) < 4 * (0.1 * 0.9 / len(IDS)) ** 0.5


def test_is_blind__higher_share__keeps_the_cases_of_the_lower() -> None:
    assert {one for one in IDS if is_blind(one, percent=10)} <= {one for one in IDS if is_blind(one, percent=25)}


def test_is_blind__same_case__is_the_same_answer() -> None:
    assert [is_blind(one, percent=50) for one in IDS[:100]] == [is_blind(one, percent=50) for one in IDS[:100]]
