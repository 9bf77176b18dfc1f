"""What a simulation sends."""

import pytest

from reviewapp.ops.demo import splits
from reviewapp.ops.simulate import world
from reviewapp.ops.simulate.faults import SimulationError


@pytest.mark.parametrize("agent", ["credit", "employment"])
def test_build__rounds__never_hold_a_held_out_case(agent: str) -> None:
    made = world.build(agent, rounds=4, seed=1)
    sent = {example.index for one in made.rounds for example in one}
    assert not sent & {example.index for example in made.holdout}
    assert len(sent) == sum(len(one) for one in made.rounds)


def test_build__same_seed__same_rounds() -> None:
    assert world.build("credit", rounds=4, seed=5).rounds == world.build("credit", rounds=4, seed=5).rounds
    assert world.build("credit", rounds=4, seed=5).rounds != world.build("credit", rounds=4, seed=6).rounds


def test_build__credit__four_rounds_of_116() -> None:
    assert [len(one) for one in world.build("credit", rounds=4, seed=1).rounds] == [116] * 4


def test_build__more_rounds_than_cases__the_stream_begins_again() -> None:
    made = world.build("credit", rounds=5, seed=1, decisions=120)
    assert [len(one) for one in made.rounds] == [120] * 5
    assert {example.index for one in made.rounds for example in one} == {one.index for one in splits.credit().stream}


def test_build__employment__rounds_follow_the_years() -> None:
    made = world.build("employment", rounds=5, seed=1, decisions=10)
    assert [{example.year for example in one} for one in made.rounds] == [{2015}, {2016}, {2017}, {2018}, {2015}]
    assert made.rounds[0] != made.rounds[4]


def test_build__other_agent__says_why_not() -> None:
    with pytest.raises(SimulationError, match="credit and employment"):
        world.build("refund", rounds=1, seed=1)


@pytest.mark.parametrize("agent", ["credit", "employment"])
def test_wrong__is_the_other_class_and_a_whole_output(agent: str) -> None:
    made = world.build(agent, rounds=1, seed=1, decisions=5)
    for example in made.rounds[0]:
        right, wrong = made.right(example), made.wrong(example)
        assert {made.label(right), made.label(wrong)} == set(made.classes)
        assert set(right) == set(wrong)
