"""One and the same, or two opinions."""

import pytest

from corrections.rules import dedup

SAID = {
    "decision": "d",
    "author": "7",
    "verdict": "correct",
    "output": {"action": "approve", "limit": 5},
    "reason": "income",
    "justification": "The payslip, page 2, says otherwise.",
}


@pytest.mark.parametrize(
    "change",
    [
        {"justification": "  the PAYSLIP page 2 – says otherwise "},
        {"output": {"limit": 5, "action": "approve"}},
        {"output": {"limit": 5.0, "action": "approve"}},
        {"justification": "The payslip, page ２, says otherwise."},
    ],
)
def test_digest__only_looks_differ__is_the_same(change):
    assert dedup.digest(**{**SAID, **change}) == dedup.digest(**SAID)


@pytest.mark.parametrize(
    "change",
    [
        {"author": "8"},
        {"decision": "e"},
        {"verdict": "agree"},
        {"output": {"action": "approve", "limit": 6}},
        {"output": None},
        {"reason": "other"},
        {"justification": "The payslip, page 3, says otherwise."},
    ],
)
def test_digest__something_said_differs__differs(change):
    assert dedup.digest(**{**SAID, **change}) != dedup.digest(**SAID)


def test_collapse__repeats__keeps_the_first_of_each_in_order():
    assert dedup.collapse([("a", 1), ("b", 2), ("a", 3), ("c", 4), ("b", 5)]) == [1, 2, 4]
