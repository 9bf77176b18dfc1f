"""Rules: typed before they run, true, false or an error when they do, and the same as another engine says."""

from typing import Any

import cel as second_opinion
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime import rules
from agents.runtime.rules import RuleError, RuleFault, Scope
from tests.factories.agents import LENDING
from tests.factories.properties import steady

SCOPE = Scope(
    {
        "input": {
            "type": "object",
            "properties": {
                **LENDING["input_schema"]["properties"],
                "home": {"type": "object", "properties": {"city": {"type": "string"}, "rooms": {"type": "integer"}}},
                "calls": {"type": "array", "items": {"type": "object"}},
                "days": {"type": "array", "items": {"type": "integer"}},
            },
        },
        "confidence": {"type": "number"},
    }
)
CASE: dict[str, Any] = {
    "purpose": "car",
    "duration": 36,
    "amount": 1000,
    "tags": ["new", "urgent"],
    "days": [1, 2],
    "home": {"city": "Bonn"},
    "calls": [{"name": "refund", "amount": 12.5}],
}


def outcome(text: str, **values: Any) -> rules.Outcome:
    return rules.evaluate(rules.compile(text, SCOPE), SCOPE.bind({"input": {**CASE, **values}, "confidence": 0.8}))


def fault(text: str) -> str:
    with pytest.raises(RuleFault) as caught:
        rules.compile(text, SCOPE)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("input.duration > 24", True),
        ("input.amount > 24.0 && input.purpose == 'car'", True),
        ("input.purpose in ['education', 'repairs']", False),
        ("has(input.savings)", False),
        ("!has(input.savings) || input.savings < 0.0", True),
        ("has(input.savings) && input.savings < 0.0", False),
        ("has(input.home) && has( input.home.city ) && input.home.city == 'Bonn'", True),
        ("has(input.home.rooms)", False),
        ("input.tags.exists(t, t == 'urgent')", True),
        ("input.calls.exists(c, c.name == 'refund' && has(c.amount))", True),
        ("input.calls.exists(c, has(c.nothing))", False),
        ("size(input.tags) == 2 && input.days.all(d, d < 3)", True),
        ("confidence < 0.7", False),
        ("input.purpose == 'has(input.savings)'", False),
        ("double(input.duration) / 12.0 > 2.5", True),
    ],
)
def test_evaluate__typed_rule__says_true_or_false(text: str, expected: bool) -> None:
    assert outcome(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "input.savings > 1.0",
        "input.age == 3",
        "input.duration / 0 == 1",
        "input.duration * 9223372036854775807 > 1",
        "input.calls.exists(c, c.nothing == 1)",
        "timestamp(input.purpose) > timestamp('2020-01-01T00:00:00Z')",
    ],
)
def test_evaluate__cannot_be_told__is_an_error_and_not_true(text: str) -> None:
    found = outcome(text)
    assert isinstance(found, RuleError)
    assert found.text


def test_evaluate__text_the_engine_cannot_hold__is_an_error() -> None:
    assert isinstance(outcome("input.note == 'x'", note="\ud800"), RuleError)


def test_evaluate__list_with_a_wrong_item__is_an_error() -> None:
    assert isinstance(outcome("input.days.all(d, d > 0)", days=[1, "2"]), RuleError)
    assert isinstance(outcome("input.days.all(d, d > 0)", days="12"), RuleError)


def test_evaluate__error_that_cannot_matter__is_no_error() -> None:
    assert outcome("input.savings > 1.0 || input.duration > 1") is True
    assert outcome("input.savings > 1.0 && input.duration < 1") is False


@pytest.mark.parametrize("value", [None, "36", 36.5, [], True, 2**70])
def test_evaluate__value_of_another_type__is_an_error(value: Any) -> None:
    assert isinstance(outcome("input.duration > 1", duration=value), RuleError)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("input.nope > 1", "there is no field input.nope"),
        ("input.Duration > 1", "Did you mean input.duration?"),
        ("has(input.nope)", "there is no field input.nope"),
        ("input.amount > 5", "Write 24.0"),
        ("input.duration > 5.0", "a whole number and a decimal number"),
        ("input.savings == null", "Use has(…)"),
        ("input.duration", "ends as int"),
        ("'text'", "ends as string"),
        ("input.duration >", "At character"),
        ("true" + " " * 2000, "at most 2,000"),
        ("input.days.all(a, input.days.all(b, a < b))", "loop inside a loop"),
        ("input['duration'] > 1", "there is no field input"),
    ],
)
def test_compile__unusable_rule__says_where_and_how_to_mend(text: str, words: str) -> None:
    assert words in fault(text)


def test_compile__two_loops_side_by_side__are_fine() -> None:
    assert outcome("input.days.all(a, a > 0) && input.days.exists(b, b == 2)") is True


def test_bind__once_for_many_rules__gives_the_same_as_one_by_one() -> None:
    texts = ["input.duration > 24", "has(input.savings)", "input.age == 3", "input.amount >= 1000.0"]
    bound = SCOPE.bind({"input": CASE, "confidence": 0.8})
    together = [rules.evaluate(rules.compile(text, SCOPE), bound) for text in texts]
    assert together[:2] == [outcome(text) for text in texts[:2]]
    assert isinstance(together[2], RuleError)


def test_binder__for_some_rules__reads_only_what_they_name() -> None:
    texts = ["input . duration > 24", "has(input.home) && !has( input .home. rooms )"]
    bound = SCOPE.binder(texts).bind({"input": CASE, "confidence": 0.8})
    assert [rules.evaluate(rules.compile(text, SCOPE), bound) for text in texts] == [True, True]
    assert isinstance(rules.evaluate(rules.compile("confidence > 0.1", SCOPE), bound), RuleError)


_ATOMS = st.sampled_from(
    [
        "input.duration > 24",
        "input.duration % 7 == 1",
        "input.amount >= 100.0",
        "input.amount / 0.5 < 300.0",
        "input.savings < 10.0",
        "has(input.savings)",
        "input.purpose == 'car'",
        "input.purpose.startsWith('e')",
        "input.purpose.matches('^(car|repairs)$')",
        "input.employed",
        "size(input.note) > 3",
        "input.tags.exists(t, t == 'a')",
        "'a' in input.tags",
        "10 / input.age > 2",
        "has(input.age)",
    ]
)
_RULES = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
_INPUTS = st.fixed_dictionaries(
    {},
    optional={
        "purpose": st.sampled_from(["car", "education", "repairs"]),
        "duration": st.integers(0, 60),
        "amount": st.floats(0, 400),
        "savings": st.floats(0, 20),
        "employed": st.booleans(),
        "age": st.integers(0, 6),
        "note": st.text("xyz", max_size=6),
        "tags": st.lists(st.sampled_from("abc"), max_size=3),
    },
)


@settings(steady, max_examples=600)
@given(_RULES, _INPUTS)
def test_evaluate__any_rule_and_case__agrees_with_another_engine(text: str, document: dict[str, Any]) -> None:
    case = {"input": document, "confidence": 0.5}
    ours = rules.evaluate(rules.compile(text, SCOPE), SCOPE.binder([text]).bind(case))
    assert ours == rules.evaluate(rules.compile(text, SCOPE), SCOPE.bind(case))
    try:
        theirs: rules.Outcome = bool(second_opinion.evaluate(text, case))
    except (ValueError, RuntimeError, TypeError, ArithmeticError, KeyError, IndexError, AttributeError) as error:
        theirs = RuleError(str(error))
    if isinstance(ours, RuleError):
        assert isinstance(theirs, RuleError), (ours, theirs)
    else:
        assert ours is theirs
