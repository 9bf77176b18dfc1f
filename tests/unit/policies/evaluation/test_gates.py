"""Gates: pass, fail or inconclusive, and never a pass without proof."""

import pytest

from policies.evaluation import gates, limits
from policies.evaluation.metrics import Answer

LIMITS = limits.complete({})


def _answers(right, wrong, *, confidence=0.75, status="auto", flip=0, segment=""):
    """`flip` moves the errors so many places on, so that another policy errs elsewhere."""
    n = right + wrong
    errors = {(at + flip) % n for at in range(wrong)}
    marks = (("purpose", segment),) if segment else ()
    return [
        Answer(f"c{at}", "reference", "yes", "no" if at in errors else "yes", status, confidence, marks) for at in range(n)
    ]  # fmt: skip


def _gate(found, code):
    return next(gate for gate in found if gate.code == code)


def test_judge__clearly_better__passes():
    found = gates.judge(_answers(160, 40), _answers(140, 60), LIMITS)

    assert _gate(found, "no_worse").verdict == "pass"
    assert gates.verdict(found) == "pass"


def test_judge__clearly_worse__fails():
    found = gates.judge(_answers(100, 100), _answers(160, 40), LIMITS)

    assert _gate(found, "no_worse").verdict == "fail"
    assert gates.verdict(found) == "fail"


def test_judge__worse_beyond_doubt_but_perhaps_within_the_margin__fails():
    found = gates.judge(_answers(176, 24), _answers(188, 12), LIMITS)

    gate = _gate(found, "no_worse")
    assert gate.low > 0
    assert gate.high > LIMITS["error_margin"]
    assert gate.verdict == "fail"


def test_judge__too_close_to_tell__inconclusive():
    found = gates.judge(_answers(44, 16, flip=10), _answers(44, 16), LIMITS)

    assert _gate(found, "no_worse").verdict == "inconclusive"
    assert gates.verdict(found) == "inconclusive"


def test_judge__too_few_cases__inconclusive_however_good():
    found = gates.judge(_answers(10, 0), _answers(5, 5), LIMITS)

    assert _gate(found, "no_worse").verdict == "inconclusive"


def test_judge__first_version__no_comparison_but_an_error_limit():
    found = gates.judge(_answers(150, 50), None, LIMITS)

    assert [gate.code for gate in found] == ["error", "alone", "confidence", "faults"]
    assert _gate(found, "error").baseline is None


def test_judge__one_contract_violation__fails():
    answers = _answers(160, 40)
    answers[0] = Answer("c0", "reference", "yes", "maybe", "auto", 0.8, fault="output is not in the contract")

    assert _gate(gates.judge(answers, _answers(160, 40), LIMITS), "faults").verdict == "fail"


def test_judge__boastful__fails_the_confidence_gate():
    found = gates.judge(_answers(120, 80, confidence=0.95), _answers(120, 80), LIMITS)

    gate = _gate(found, "confidence")
    assert gate.verdict == "fail"
    assert "surer than it is right" in gate.text


def test_judge__sends_everything_to_people__load_gate_fails():
    found = gates.judge(_answers(160, 40, status="review"), _answers(160, 40), LIMITS)

    assert _gate(found, "load").verdict == "fail"


def test_judge__declared_segment__has_its_own_gate():
    asked = limits.complete({"segments": ["purpose"]})

    found = gates.judge(_answers(60, 140, segment="car"), _answers(160, 40, segment="car"), asked)

    gate = _gate(found, "segment:purpose:car")
    assert (gate.verdict, gate.title) == ("fail", "No worse for car")


def test_judge__small_segment__is_not_judged():
    asked = limits.complete({"segments": ["purpose"]})

    found = gates.judge(_answers(10, 10, segment="car"), _answers(10, 10, segment="car"), asked)

    assert not any(gate.code.startswith("segment:") for gate in found)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"margin": 1}, "unknown gate setting"),
        ({"error_margin": -0.1}, "at least 0"),
        ({"error_margin": 5}, "between 0 and 1"),
        ({"error_margin": True}, "is a number"),
        ({"segments": "purpose"}, "list of input field names"),
    ],
)
def test_complete__wrong_settings__say_what_is_wrong(given, message):
    with pytest.raises(ValueError, match=message):
        limits.complete(given)
