"""Many rules in one call of the engine: the same outcomes as one by one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime import rules
from agents.runtime.budget import OutOfSteps
from agents.runtime.bundle import bundle
from agents.runtime.rules import RuleError
from tests.factories.properties import steady
from tests.unit.agents.runtime.test_rules import CASE, SCOPE

TEXTS = [
    "input.duration > 24",
    "input.amount / (input.amount - 1000.0) > 1.0",
    "has(input.savings) && input.savings > 10.0",
    "input.savings > 10.0",
    "input.duration / (input.duration - 36) > 1",
    "input.tags.exists(tag, tag == 'urgent')",
    "input.purpose.matches('c.r')",
    "input.home.city == 'Bonn' // a comment at the end",
    "'new' in input.tags",
    "input.days.all(day, day < 3)",
    "!has(input.home.rooms)",
]


def together(texts: list[str], case: dict[str, Any]) -> tuple[list[rules.Outcome], list[rules.Outcome]]:
    """Return the outcomes of rules as a bundle, and of each by itself."""
    compiled = [rules.compile(text, SCOPE) for text in texts]
    bound = SCOPE.binder(texts).bind({"input": case, "confidence": 0.5})
    return bundle(compiled, SCOPE).evaluate(bound), [rules.evaluate(rule, bound) for rule in compiled]


@steady
@given(
    st.lists(st.sampled_from(TEXTS), max_size=80),
    st.dictionaries(st.sampled_from([*CASE, "savings"]), st.none() | st.integers(0, 40) | st.sampled_from(["car"])),
)
def test_evaluate__any_rules_and_case__each_says_what_it_says_alone(texts: list[str], change: dict[str, Any]) -> None:
    joined, alone = together(texts, {**CASE, **change})
    assert joined == alone


def test_evaluate__one_rule_errs__the_others_keep_their_outcomes() -> None:
    joined, alone = together(TEXTS, CASE)
    assert joined == alone
    assert [isinstance(one, RuleError) for one in joined].count(True) == 2
    assert joined[0] is True
    assert joined[5] is True


def test_evaluate__rule_nested_as_deep_as_possible__is_told_alone() -> None:
    deep = "(" * 30 + "input.duration > 24" + ")" * 30
    joined, alone = together([deep, "input.duration > 40"], CASE)
    assert joined == alone == [True, False]


def test_evaluate__text_too_large_for_a_pattern__only_that_rule_is_refused() -> None:
    case = {**CASE, "note": "n" * 300_000}
    joined, alone = together(["input.note.matches('^n*$')", "input.duration > 24"], case)
    assert joined == alone
    assert isinstance(joined[0], RuleError)
    assert joined[1] is True


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 100])
def test_evaluate__any_number_of_rules__one_outcome_each_in_order(count: int) -> None:
    texts = [f"input.duration > {number}" for number in range(count)]
    joined, alone = together(texts, CASE)
    assert joined == alone == [number < 36 for number in range(count)]


def test_evaluate__rules_could_take_more_than_is_left__nothing_is_run() -> None:
    texts = ["input.tags.exists(tag, tag == 'urgent')", "input.duration > 24"]
    compiled = [rules.compile(text, SCOPE) for text in texts]
    joined = bundle(compiled, SCOPE)
    bound = SCOPE.binder(texts).bind({"input": {**CASE, "tags": ["x"] * 1000}})
    asked = joined.steps(bound.size)

    assert joined.evaluate(bound, steps=asked) == [False, True]
    with pytest.raises(OutOfSteps, match="there is time for"):
        joined.evaluate(bound, steps=asked - 1)


def test_evaluate__rules_of_fixed_cost__need_no_time() -> None:
    texts = ["input.duration > 24"]
    joined = bundle([rules.compile(text, SCOPE) for text in texts], SCOPE)

    assert joined.evaluate(SCOPE.binder(texts).bind({"input": CASE}), steps=0) == [True]


def test_steps__rule_beyond_its_own_bound__is_an_error_and_takes_no_time() -> None:
    texts = ["input.tags.exists(tag, tag == 'urgent')"]
    joined = bundle([rules.compile(text, SCOPE) for text in texts], SCOPE)
    bound = SCOPE.binder(texts).bind({"input": {**CASE, "tags": ["x"] * 200_000}})

    assert joined.steps(bound.size) == 0
    assert isinstance(joined.evaluate(bound, steps=0)[0], RuleError)
