"""Comparing trial results with known answers."""

from reviewapp.ops.simulate import measure, world

WORLD = world.build("credit", rounds=1, seed=1, decisions=1)


def results(**last: object) -> list[dict[str, object]]:
    found = [{"output": dict(one.answer), "status": "auto", "reasons": []} for one in WORLD.holdout]
    found[-1] = {**found[-1], **last}
    return found


def test_read__all_right_and_alone__no_error() -> None:
    found = measure.read(WORLD, 3, results())
    assert (found.version, found.error.value, found.automated_share, found.automated_error) == (3, 0.0, 1.0, 0.0)


def test_read__wrong_and_flagged__counts_for_the_whole_not_for_what_it_does_alone() -> None:
    wrong = WORLD.wrong(WORLD.holdout[-1])
    found = measure.read(WORLD, 1, results(output=wrong, status="review", reasons=["low_confidence"]))
    assert found.error.value == 1 / 300
    assert found.automated_share == 299 / 300
    assert found.automated_error == 0.0


def test_read__only_sampled__counts_as_decided_alone() -> None:
    found = measure.read(WORLD, 1, results(status="review", reasons=["sampled"]))
    assert found.automated_share == 1.0


def test_read__no_answer__is_wrong() -> None:
    found = measure.read(WORLD, 1, results(output=None, status="review", reasons=["error"]))
    assert found.error.value == 1 / 300


def test_automated_error__nothing_alone__zero() -> None:
    flagged = [{"output": dict(one.answer), "status": "review", "reasons": ["R-1"]} for one in WORLD.holdout]
    assert measure.read(WORLD, 1, flagged).automated_error == 0.0
