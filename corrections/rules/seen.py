"""What routing rules and priority weights see of a flagged decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agents.contracts.spec import ContractSpec
from agents.runtime import rules
from agents.runtime.rules import RuleError, RuleFault

__all__ = ["Case", "RuleError", "RuleFault", "check", "check_figure", "figure", "names", "told"]


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a decision when it is flagged: `reasons` are the codes of why it was."""

    input: Mapping[str, Any]
    output: Mapping[str, Any] | None
    confidence: float
    score: float | None
    status: str
    reasons: Sequence[str]
    case_ref: str


def names(contract: ContractSpec) -> tuple[str, ...]:
    """Return the dotted names that a condition or a figure may use under a contract."""
    return _scope(contract).names()


def check(when: str, contract: ContractSpec) -> None:
    """Type-check a condition under a contract. Raises `RuleFault` with the mend."""
    rules.compile(when, _scope(contract))


def check_figure(text: str, contract: ContractSpec) -> None:
    """Type-check a figure under a contract. Raises `RuleFault` with the mend."""
    rules.compile_figure(text, _scope(contract))


def told(when: str, contract: ContractSpec, case: Case) -> rules.Outcome:
    """Return whether a condition holds, or a `RuleError` when that cannot be told for this case or under this contract."""
    try:
        rule, binder = _compiled(when, contract)
    except RuleFault as fault:
        # Written for another version of the contract: a field it reads is not in this one.
        return RuleError(str(fault))
    return rules.evaluate(rule, binder.bind(_values(contract, case)))


def figure(text: str, contract: ContractSpec, case: Case) -> float | RuleError:
    """Return the number of a figure, or a `RuleError` when it cannot be told."""
    try:
        rule, binder = _compiled_figure(text, contract)
    except RuleFault as fault:
        return RuleError(str(fault))
    return rules.figure(rule, binder.bind(_values(contract, case)))


def _values(contract: ContractSpec, case: Case) -> dict[str, Any]:
    return {
        "input": case.input,
        "output": case.output,
        "confidence": case.confidence,
        "score": case.score,
        "status": case.status,
        "reasons": list(case.reasons),
        "case_ref": case.case_ref,
        "risk_tier": contract.risk_tier,
        "contract_version": contract.version,
    }


@lru_cache(maxsize=512)
def _compiled(when: str, contract: ContractSpec) -> tuple[rules.Rule, rules.Binder]:
    scope = _scope(contract)
    return rules.compile(when, scope), scope.binder([when])


@lru_cache(maxsize=128)
def _compiled_figure(text: str, contract: ContractSpec) -> tuple[rules.Rule, rules.Binder]:
    scope = _scope(contract)
    return rules.compile_figure(text, scope), scope.binder([text])


@lru_cache(maxsize=32)
def _scope(contract: ContractSpec) -> rules.Scope:
    text, number = {"type": "string"}, {"type": "number"}
    return rules.Scope(
        {
            "input": contract.input_schema,
            "output": contract.output_schema,
            "confidence": number,
            "score": number,
            "status": text,
            "reasons": {"type": "array", "items": text},
            "case_ref": text,
            "risk_tier": text,
            "contract_version": {"type": "integer"},
        }
    )
