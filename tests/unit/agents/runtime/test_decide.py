"""From a case to a verdict, in both modes, and again with the same bytes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime import artifact, decide
from agents.runtime.artifact import ArtifactError, Policy
from agents.runtime.decide import Case, ModelError, Verdict
from reviewapp.core import ids
from tests.factories.agents import policy_body, spec
from tests.factories.properties import steady

CONTRACT = spec()
PROPOSING = spec(mode="propose")


def policy(contract: Any = CONTRACT, **changes: Any) -> Policy:
    sealed = artifact.seal(policy_body(contract, **changes))
    return artifact.load(sealed.content, sealed.digest)


def verdict(
    contract: Any = CONTRACT, proposal: dict[str, Any] | None = None, *, rules: Any = None, **values: Any
) -> Verdict:
    case = Case({"purpose": "car", "duration": 6, "amount": 900.0, "savings": 5000.0, **values}, proposal, "u", "d")
    return decide.decide(rules or policy(contract), contract, case=case)


def test_decide__sure_case__is_automatic_and_explained() -> None:
    found = verdict()
    assert (found.status, found.output) == ("auto", {"action": "approve", "limit": 900.0})
    assert found.trace["explanation"]["score"] == 2.8
    assert found.score == found.confidence == found.trace["explanation"]["probability"]
    assert found.reasons == ()


def test_decide__unsure_case__is_reviewed_and_says_why() -> None:
    found = verdict(duration=36, savings=100.0)
    assert found.status == "auto"
    found = verdict(duration=24, savings=100.0)
    assert found.status == "review"
    assert found.reasons[0].code == "low_confidence"
    assert "below the limit of 70 %" in found.reasons[0].text


def test_decide__guardrail_flags__raises_the_status() -> None:
    found = verdict(savings=-1.0)
    assert found.status == "review"
    assert "R-001" in [reason.code for reason in found.reasons]


def test_decide__guardrail_answers__before_exception_and_model() -> None:
    found = verdict(duration=100, purpose="education")
    assert (found.output, found.confidence) == ({"action": "decline"}, 1.0)
    assert found.trace["source"] == "guardrail"


def test_decide__learned_exception__answers_as_surely_as_its_support() -> None:
    found = verdict(purpose="education", duration=60, savings=0.0)
    assert (found.output, found.confidence) == ({"action": "approve"}, 0.9)
    assert found.reasons[0].code == "E-0001"
    assert found.score is not None
    assert found.score < 0.5


def test_decide__contract_rule__escalates() -> None:
    found = verdict(amount=60_000.0)
    assert found.status == "escalate"
    assert [reason.code for reason in found.reasons] == ["C-1"]


def test_decide__guardrail_that_errs__escalates_and_is_never_false() -> None:
    broken = policy(
        guardrails=[{"id": "R-9", "title": "Age", "when": "input.age < 18", "action": "review", "text": "x"}]
    )
    found = verdict(rules=broken)
    assert found.status == "escalate"
    assert "could not be told" in found.reasons[0].text
    assert found.trace["rules"][0]["result"] == "error"


def test_decide__sampled__is_reviewed_with_its_propensity() -> None:
    found = verdict(rules=policy(autonomy={"review_below": 0.1, "override_at": None, "sample_rate": 1.0}))
    assert (found.status, found.propensity) == ("review", 1.0)
    assert found.reasons[-1].code == "sampled"


def test_decide__every_rule_is_in_the_trace() -> None:
    lines = {line["id"]: line["result"] for line in verdict().trace["rules"]}
    assert lines == {"R-001": "false", "R-002": "false", "E-0001": "false", "C-1": "false"}


def test_decide__output_copies_a_missing_input__is_an_error_for_the_contract_to_settle() -> None:
    with pytest.raises(ModelError):
        decide.decide(policy(guardrails=[], exceptions=[]), CONTRACT, case=Case({"duration": 3}, None, "u", "d"))


def test_decide__no_model_and_no_rule__is_an_error() -> None:
    with pytest.raises(ModelError, match="neither"):
        verdict(rules=policy(model={"kind": "none"}, exceptions=[]))


@pytest.mark.parametrize(
    ("proposed", "confidence", "source"),
    [("approve", 0.942676, "proposal"), ("decline", 0.057324, "proposal")],
)
def test_decide__proposal__gets_the_models_confidence_in_it(proposed: str, confidence: float, source: str) -> None:
    found = verdict(PROPOSING, {"output": {"action": proposed}, "confidence": 0.99})
    assert found.output == {"action": proposed}
    assert (found.confidence, found.trace["source"]) == (confidence, source)
    assert found.status == ("auto" if proposed == "approve" else "review")


def test_decide__proposal_against_a_sure_policy__is_overridden() -> None:
    sure = policy(PROPOSING, autonomy={"review_below": 0.7, "override_at": 0.9, "sample_rate": 0})
    found = verdict(PROPOSING, {"output": {"action": "decline"}}, rules=sure)
    assert found.output == {"action": "approve", "limit": 900.0}
    assert (found.status, found.trace["source"], found.reasons[0].code) == ("auto", "override", "overridden")


@pytest.mark.parametrize(("confidence", "expected"), [(0.95, "auto"), (0.4, "review"), (None, "review")])
def test_decide__proposal_without_a_model__stands_on_its_own_confidence(
    confidence: float | None, expected: str
) -> None:
    bare = policy(PROPOSING, model={"kind": "none"}, guardrails=[], exceptions=[])
    proposal = {"output": {"action": "approve"}, **({} if confidence is None else {"confidence": confidence})}
    found = verdict(PROPOSING, proposal, rules=bare)
    assert (found.status, found.confidence, found.score) == (expected, confidence or 0.0, None)


def test_decide__proposing_agent_without_proposal__is_an_error() -> None:
    with pytest.raises(ModelError, match="proposed nothing"):
        verdict(PROPOSING)


def test_program__other_contract__is_refused() -> None:
    with pytest.raises(ArtifactError, match="another contract"):
        decide.decide(policy(), PROPOSING, case=Case({}, None, "u", "d"))


def test_program__rules_that_do_not_compile__are_all_named() -> None:
    broken = policy(
        guardrails=[{"id": "A", "when": "input.nope", "action": "review"}],
        exceptions=[{"id": "E-1", "when": "input.amount > 5", "output": {}}],
    )
    with pytest.raises(ArtifactError) as caught:
        decide.program(broken, CONTRACT)
    assert set(caught.value.faults) == {"guardrails[0].when", "exceptions[0].when"}


def test_program__same_digests__are_compiled_once() -> None:
    assert decide.program(policy(), CONTRACT) is decide.program(policy(), spec())


@steady
@given(
    st.fixed_dictionaries(
        {
            "purpose": st.sampled_from(["car", "education", "repairs"]),
            "duration": st.integers(1, 120),
            "amount": st.floats(0, 1e5),
        },
        optional={"savings": st.one_of(st.none(), st.floats(-100, 1e4)), "age": st.integers(18, 99)},
    ),
    st.uuids(),
)
def test_decide__replayed__gives_the_same_bytes_and_adds_up(document: dict[str, Any], identity: object) -> None:
    rules = policy(autonomy={"review_below": 0.7, "override_at": None, "sample_rate": 0.5})
    case = Case(document, None, "unit", str(identity))
    first = decide.decide(rules, CONTRACT, case=case)
    decide.program.cache_clear()
    again = decide.decide(
        policy(autonomy={"review_below": 0.7, "override_at": None, "sample_rate": 0.5}), CONTRACT, case=case
    )
    assert ids.canonical(first.content()) == ids.canonical(again.content())
    told = first.trace["explanation"]
    total = told["intercept"] + sum(line["points"] for line in told["contributions"])
    assert told["score"] == pytest.approx(total, abs=1e-9)
    assert 0 <= first.confidence <= 1
