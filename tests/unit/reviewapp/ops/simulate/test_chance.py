"""Chance by hash: the same on every run, and even."""

from reviewapp.ops.simulate import chance


def test_draw__same_parts__same_number() -> None:
    assert chance.draw(1, "mistaken", "sim-01", "1-0001") == chance.draw(1, "mistaken", "sim-01", "1-0001")


def test_draw__other_seed_or_part__other_number() -> None:
    assert len({chance.draw(1, "a"), chance.draw(2, "a"), chance.draw(1, "b"), chance.draw(1, "a", "")}) == 4


def test_draw__many__evenly_spread() -> None:
    numbers = [chance.draw(7, place) for place in range(4000)]
    assert all(0 <= number < 1 for number in numbers)
    for tenth in range(10):
        share = sum(tenth / 10 <= number < (tenth + 1) / 10 for number in numbers) / len(numbers)
        assert abs(share - 0.1) < 0.02


def test_shuffled__keeps_everything_and_repeats() -> None:
    items = [f"item {place}" for place in range(20)]
    mixed = chance.shuffled(3, items, "order")
    assert mixed == chance.shuffled(3, items, "order")
    assert mixed != items
    assert sorted(mixed) == sorted(items)
