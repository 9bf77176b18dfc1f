"""Who judges what, and when they are mistaken."""

from typing import Any

from reviewapp.ops.demo.datasets import Example
from reviewapp.ops.simulate import crowd as crowds
from reviewapp.ops.simulate import world
from reviewapp.ops.simulate.crowd import Crowd

REVIEWERS = tuple(f"sim-{number:02d}" for number in range(1, 7))
WORLD = world.build("credit", rounds=1, seed=1)
EXAMPLE = WORLD.rounds[0][0]
REASONS = [
    {"code": "fine", "verdicts": ["agree"]},
    {"code": "off", "verdicts": ["correct"]},
    {"code": "unknown", "verdicts": ["cannot_tell"]},
]


def crowd(error_rate: float = 0.1, seed: int = 1) -> Crowd:
    return Crowd(seed, error_rate, REVIEWERS, ("senior-1", "senior-2"))


def task(decided: dict[str, Any] | None, contributions: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    explanation = {"contributions": contributions or []}
    return {
        "decision": {"output": decided, "explanation": explanation},
        "contract": {"reason_codes": REASONS},
    }


def judge(people: Crowd, decided: dict[str, Any] | None, example: Example = EXAMPLE) -> crowds.Judgement:
    return people.judge("sim-01", "1-0001", world=WORLD, example=example, task=task(decided))


def test_next_reviewer__everyone_once_then_seniors_then_nobody() -> None:
    people, judged = crowd(), []
    while (name := people.next_reviewer("1-0001", judged)) is not None:
        judged.append(name)
    assert sorted(judged[:6]) == sorted(REVIEWERS)
    assert judged[6:] == ["senior-2", "senior-1"]


def test_next_reviewer__cases__share_the_work() -> None:
    people = crowd()
    first = [people.next_reviewer(f"1-{place:04d}", []) for place in range(600)]
    assert all(70 < first.count(name) < 130 for name in REVIEWERS)


def test_next_senior__who_reviewed_before__does_not_settle() -> None:
    assert crowd().next_senior(["sim-01", "sim-02"]) == "senior-1"
    assert crowd().next_senior(["sim-01", "senior-1"]) == "senior-2"


def test_mistaken__share__is_the_error_rate() -> None:
    people = crowd(0.2)
    share = sum(people.mistaken("sim-03", f"1-{place:04d}") for place in range(3000)) / 3000
    assert abs(share - 0.2) < 0.025


def test_mistaken__error_rate_zero_and_one__never_and_always() -> None:
    cases = [f"1-{place:04d}" for place in range(50)]
    assert not any(crowd(0.0).mistaken("sim-01", case) for case in cases)
    assert all(crowd(1.0).mistaken("sim-01", case) for case in cases)


def test_judge__right_person_and_right_agent__agrees() -> None:
    said = judge(crowd(0.0), WORLD.right(EXAMPLE))
    assert (said.verdict, said.output, said.reason_code) == ("agree", None, "fine")


def test_judge__right_person_and_wrong_agent__corrects_with_the_truth() -> None:
    said = judge(crowd(0.0), WORLD.wrong(EXAMPLE))
    assert (said.verdict, said.output, said.reason_code) == ("correct", WORLD.right(EXAMPLE), "off")
    assert len(said.justification) >= 40
    assert 3 <= said.confidence <= 5


def test_judge__mistaken_person_and_right_agent__corrects_into_error() -> None:
    said = judge(crowd(1.0), WORLD.right(EXAMPLE))
    assert (said.verdict, said.output) == ("correct", WORLD.wrong(EXAMPLE))


def test_judge__agent_without_answer__is_corrected() -> None:
    assert judge(crowd(0.0), None).verdict == "correct"


def test_strongest__cites_what_moved_the_score_most() -> None:
    contributions = [
        {"field": "housing", "points": 0.1},
        {"field": "savings", "points": -0.9},
        {"field": "proposal_probability", "points": 2.0},
        {"field": "duration_in_month", "points": 0.5},
    ]
    decision = task(None, contributions)["decision"]
    assert crowds.strongest(decision, EXAMPLE) == ["savings", "duration_in_month"]


def test_strongest__no_explanation__cites_the_first_input() -> None:
    assert crowds.strongest({"explanation": None}, EXAMPLE) == ["purpose"]
