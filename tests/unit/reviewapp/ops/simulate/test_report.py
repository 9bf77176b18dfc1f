"""The table, the sentence and the JSON."""

import json

import pytest

from reviewapp.ops.simulate import report
from reviewapp.ops.simulate.measure import Measure
from reviewapp.ops.simulate.run import Round


def measure(version: int, wrong: range, n: int = 100, alone: int = 60) -> Measure:
    return Measure(version, tuple(place not in wrong for place in range(n)), tuple(place < alone for place in range(n)))


def rounds(before: Measure, after: Measure) -> list[Round]:
    return [Round(0, 0, 0, 0, 0, before), Round(1, 50, 20, 44, 20, after, "Version 2 is live.")]


def test_sentence__fewer_errors_beyond_chance__says_so() -> None:
    said = report.sentence(rounds(measure(1, range(30)), measure(2, range(10))))
    assert said.startswith(
        "The error fell from 30.0 % to 10.0 % of 100 held-out cases: 20 became right and 0 became wrong"
    )
    assert "more than chance would bring" in said


def test_sentence__few_fewer_errors__admits_chance() -> None:
    said = report.sentence(rounds(measure(1, range(30)), measure(2, range(27))))
    assert "chance alone could bring" in said


def test_sentence__more_errors__says_no_improvement() -> None:
    said = report.sentence(rounds(measure(1, range(10)), measure(2, range(12))))
    assert said.startswith("No improvement: the error went from 10.0 % to 12.0 %")


def test_sentence__same_answers__says_no_improvement_and_what_is_decided_alone() -> None:
    said = report.sentence(rounds(measure(1, range(10)), measure(2, range(10), alone=70)))
    assert said.startswith("No improvement: the same 10.0 %")
    assert "It decides 70.0 % alone" in said


def test_sentence__no_version_released__says_that_nothing_changed() -> None:
    assert report.sentence(rounds(measure(1, range(10)), measure(1, range(10)))).startswith("No version was released")


@pytest.mark.parametrize(
    ("plus", "minus", "p"), [(0, 0, 1.0), (5, 0, 0.0625), (0, 6, 0.03125), (8, 2, 0.109375), (5, 5, 1.0)]
)
def test_sign_test__known_tables__exact(plus: int, minus: int, p: float) -> None:
    assert report.sign_test(plus, minus) == pytest.approx(p)


def test_as_json__shape__is_the_one_that_checks_read() -> None:
    found = json.loads(report.as_json(rounds(measure(1, range(30)), measure(2, range(10))), agent="credit", seed=3))
    assert (found["agent"], found["seed"]) == ("credit", 3)
    assert list(found["rounds"][1]) == [
        "round",
        "decisions",
        "flagged_share",
        "corrections",
        "consensus",
        "version",
        "holdout_error",
        "holdout_ci",
        "automated_share",
        "automated_error",
    ]
    assert found["rounds"][0]["holdout_error"] == 0.3
    assert found["rounds"][1] == {
        "round": 1,
        "decisions": 50,
        "flagged_share": 0.4,
        "corrections": 44,
        "consensus": 20,
        "version": 2,
        "holdout_error": 0.1,
        "holdout_ci": [0.0552, 0.1744],
        "automated_share": 0.6,
        "automated_error": 0.1667,
    }


def test_table__rounds__one_line_each_with_before() -> None:
    lines = report.table(rounds(measure(1, range(30)), measure(2, range(10)))).splitlines()
    assert len(lines) == 3
    assert lines[1].split()[:2] == ["before", "1"]
    assert "10.0 % (5.5 to 17.4)" in lines[2]
