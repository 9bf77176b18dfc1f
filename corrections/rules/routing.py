"""Which queue a flagged decision goes to: ordered rules, the first that holds names it.

A rule is CEL over what is known when the decision is flagged. One that cannot be told for a case (a field it reads is
missing, say) ends the search: whether a later rule should have had the case is not known, so it goes to the default queue
and says so. It is never taken for "did not hold".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from agents.contracts.spec import ContractSpec
from agents.runtime import rules
from agents.runtime.rules import RuleFault

__all__ = ["MOST", "Case", "Choice", "Line", "RuleFault", "check", "choose", "names"]

# More lines than people can keep in their heads are a sign of queues that should be one.
MOST = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A rule: its name, its condition, and the queue it sends a case to."""

    name: str
    when: str
    queue: UUID


@dataclass(frozen=True, slots=True)
class Case:
    """What rules see of a flagged decision: `reasons` are the codes of why it was flagged."""

    input: Mapping[str, Any]
    output: Mapping[str, Any] | None
    confidence: float
    score: float | None
    status: str
    reasons: Sequence[str]
    case_ref: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The queue of the line called `name`; None and why (`fault`, empty when simply no line held) for the default queue."""

    queue: UUID | None
    name: str = ""
    fault: str = ""


def names(contract: ContractSpec) -> tuple[str, ...]:
    """Return the dotted names that a rule may use under a contract."""
    return _scope(contract).names()


def check(when: str, contract: ContractSpec) -> None:
    """Type-check a condition under a contract. Raises `RuleFault` with the mend."""
    rules.compile(when, _scope(contract))


def choose(lines: Sequence[Line], contract: ContractSpec, case: Case) -> Choice:
    """Return where a case goes by the first line that holds for it under the contract it was decided by."""
    if not lines:
        return Choice(None)
    values = {
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
    for line in lines:
        outcome = _told(line.when, contract, values)
        if isinstance(outcome, rules.RuleError):
            return Choice(None, line.name, outcome.text)
        if outcome:
            return Choice(line.queue, line.name)
    return Choice(None)


def _told(when: str, contract: ContractSpec, values: Mapping[str, Any]) -> rules.Outcome:
    try:
        rule, binder = _compiled(when, contract)
    except RuleFault as fault:
        # Written for another version of the contract: a field it reads is not in this one.
        return rules.RuleError(str(fault))
    return rules.evaluate(rule, binder.bind(values))


@lru_cache(maxsize=512)
def _compiled(when: str, contract: ContractSpec) -> tuple[rules.Rule, rules.Binder]:
    scope = _scope(contract)
    return rules.compile(when, scope), scope.binder([when])


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
