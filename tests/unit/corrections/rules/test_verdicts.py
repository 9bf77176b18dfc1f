"""Reasons for passing a case on: the contract's own, else the usual ones, which nobody must give."""

import pytest

from corrections.rules import submission, verdicts
from tests.factories.agents import spec

WORDS = "The payslip that this rests on is not in the case."
NONE = spec(reason_codes=[])


def faults(terms, verdict: str, code: str) -> set[str]:
    entry = submission.Entry(verdict, None, code, WORDS, (), None)
    return set(submission.faults(entry, terms, document={}, decided={"action": "approve"}))


def test_offered__contract_with_reasons__its_own_only():
    assert verdicts.offered(spec(), "escalate") == spec().reasons_for("escalate")


@pytest.mark.parametrize("verdict", ["cannot_tell", "escalate"])
def test_offered__contract_without__the_usual_ones_which_may_be_left_out(verdict):
    (first, *_) = verdicts.offered(NONE, verdict)
    assert faults(NONE, verdict, first.code) == faults(NONE, verdict, "") == set()
    assert faults(NONE, verdict, "sound") == {"reason_code"}


def test_offered__other_verdicts__nothing():
    assert (verdicts.offered(NONE, "agree"), verdicts.offered(NONE, "correct"), verdicts.offered(NONE, "")) == (
        (),
        (),
        (),
    )
