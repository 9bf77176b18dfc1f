"""A policy with one more exception: what turns, what comes first, and what cannot be told."""

from typing import Any

import pytest

from agents.runtime import artifact, decide, standing
from agents.runtime.decide import Case
from tests.factories.agents import policy_body, spec

UNSURE: dict[str, Any] = {"purpose": "car", "duration": 24, "amount": 900.0, "savings": 100.0}
DECLINE = {"action": "decline"}


def _turned(output: dict[str, Any], *documents: dict[str, Any], mode: str = "decide", **case: Any) -> list[bool | None]:
    contract = spec(mode=mode)
    sealed = artifact.seal(policy_body(contract))
    policy = artifact.load(sealed.content, sealed.digest)
    cases = [Case(one, case.get("proposal"), "u", "d", case.get("done", False)) for one in documents]
    return list(standing.turned(policy, contract, output, cases, members=case.get("members", ("action",))))


def test_turned__answer_of_the_model__turns_where_it_was_another():
    assert _turned(DECLINE, UNSURE) == [True]
    assert _turned({"action": "approve"}, UNSURE) == [False]


def test_turned__members_that_are_not_compared__are_no_other_answer():
    less = {"action": "approve", "limit": 500.0}
    assert _turned(less, UNSURE) == [False]
    assert _turned(less, UNSURE, members=("limit",)) == [True]


def test_turned__guardrail_and_exception_of_the_policy__come_first():
    ruled, excepted = {**UNSURE, "duration": 100}, {**UNSURE, "purpose": "education"}
    assert _turned({"action": "approve"}, ruled) == [False]
    assert _turned(DECLINE, excepted) == [False]


def test_turned__nothing_proposed_where_a_proposal_is_judged__is_not_told():
    assert _turned(DECLINE, UNSURE, mode="propose", done=True) == [None]


@pytest.mark.parametrize(("did", "asked"), [("approve", True), ("decline", False)])
def test_turned__done_already__turns_when_a_person_would_be_asked(did, asked):
    made = _turned(DECLINE, UNSURE, mode="propose", done=True, proposal={"output": {"action": did}, "confidence": 0.9})
    assert made == [asked]


def test_turned__leaves_the_store_of_compiled_policies_alone():
    decide.program.cache_clear()
    _turned(DECLINE, UNSURE)
    assert decide.program.cache_info().currsize == 0
