"""Rules that would run away: refused when saved, an error when the case is too large, and never slow."""

import time
from typing import Any

import pytest

from agents.runtime import budget, rules
from agents.runtime.budget import Size
from agents.runtime.rules import RuleError, RuleFault, Scope

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "tags": {"type": "array", "items": {"type": "string"}},
        "days": {"type": "array", "items": {"type": "integer"}},
        "note": {"type": "string"},
        "order": {"type": "object"},
    },
}
SCOPE = Scope({"input": SCHEMA})


def outcome(text: str, **given: Any) -> rules.Outcome:
    rule = rules.compile(text, SCOPE)
    return rules.evaluate(rule, SCOPE.binder([text]).bind({"input": given}))


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("input.tags.exists(t, input.note.contains('yyyy'))", {"tags": ["a"] * 9_000, "note": "y x" * 80_000}),
        ("input.note.matches('(.{0,100}){0,9}y')", {"note": "a" * 200_000}),
        ("input.days.all(d, " + " && ".join(["d * d + d * 3 >= 0"] * 90) + ")", {"days": list(range(9_000))}),
        ("input.order.items.all(i, i != 'x')", {"order": {"items": ["y"] * 100_000}}),
        ("input.days.map(d, d * 2).filter(d, d > 2).all(d, d > 0)", {"days": list(range(100_000))}),
    ],
)
def test_evaluate__rule_that_would_run_away__is_an_error_at_once(text, given):
    began = time.perf_counter()

    found = outcome(text, **given)

    assert isinstance(found, RuleError)
    assert "too large" in found.text
    # Without the budget the first of these takes nine seconds.
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("input.tags.exists(t, t == 'b')", {"tags": ["a", "b"] * 500}, True),
        ("input.tags.all(t, t.size() < 5)", {"tags": ["tag"] * 2_000}, True),
        ("input.note.matches('^[a-z ]+$')", {"note": "a note of some length " * 40}, True),
        ("input.days.exists(d, d > 30) && input.note.contains('late')", {"days": [3, 31], "note": "late"}, True),
        # Long texts cost nothing to a rule that neither loops nor matches.
        ("input.note.contains('z')", {"note": "a" * 250_000}, False),
    ],
)
def test_evaluate__usual_rules__stay_far_below(text, given, expected):
    assert outcome(text, **given) is expected


@pytest.mark.parametrize(
    "text",
    [
        "[input.note].map(x, x + x + x + x).map(x, x + x + x + x).map(x, x + x + x + x).exists(x, x == 'a')",
        "[input.tags].map(x, x + x).exists(x, x.size() > 3)",
        "input.days.filter(d, d + 1 > 3).exists(d, d > 3)",
    ],
)
def test_compile__adding_beside_map_or_filter__refused_with_the_mend(text):
    with pytest.raises(RuleFault, match=r"map or filter cannot add with \+"):
        rules.compile(text, SCOPE)


@pytest.mark.parametrize(
    "text",
    ["input.tags.exists(t, t + t == 'aa')", "(input.tags + input.tags).exists(t, t == 'a')"],
)
def test_compile__joining_beside_a_loop__refused_with_the_mend(text):
    with pytest.raises(RuleFault, match=r"cannot join texts or lists"):
        rules.compile(text, SCOPE)


def test_compile__plus_in_a_text_beside_map__is_no_sum():
    assert outcome("input.tags.map(t, t.size()).exists(n, n > 1) && input.note != '+'", tags=["ab"], note="") is True


def test_compile__mixed_numbers_in_a_loop__keep_their_own_words():
    with pytest.raises(RuleFault, match=r"a whole number and a decimal number"):
        rules.compile("input.days.all(d, d + 1.5 > 2.0)", SCOPE)


def test_compile__joining_without_a_loop__is_fine():
    assert outcome("input.note + '!' == 'a!'", note="a") is True


def test_evaluate__numbers_added_in_a_loop__are_fine():
    assert outcome("input.days.all(d, d + 1 > d)", days=[1, 2]) is True


def test_size__of_values__counts_items_and_the_longest_text_of_a_list():
    found = budget.size(["ab", ["xyz", "z"], {"a": [1, 2], "b": "long one"}, 3, True])

    assert found == Size(items=2 + 2 + 2, text=2 + 8)
