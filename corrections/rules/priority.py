"""How urgent a task is: points for what is known when its decision is flagged, and more as it waits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agents.contracts.spec import ContractSpec
from agents.contracts.terms import TIERS
from corrections.rules import seen

LEAST, MOST = -100, 100
# Reasons that are no rule of a contract or a policy: uncertainty and the random check have points of their own.
_NO_RULES = {"low_confidence", "sampled"}


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of a queue. `uncertain` in full at confidence 0, none at 1; `sampled` for the random check alone; `risk` in full
    for the highest tier of contracts; `value` in full once the figure `value_of` (CEL) reaches `value_full`; `waiting` while
    an agent waits for the answer; `age_points` more after each `age_hours` hours.
    """

    uncertain: int = 40
    escalated: int = 40
    rule: int = 20
    sampled: int = -20
    risk: int = 0
    waiting: int = 0
    value: int = 0
    value_of: str = ""
    value_full: float = 0.0
    age_points: int = 0
    age_hours: int = 0


USUAL = Weights()


@dataclass(frozen=True, slots=True)
class Part:
    """Points and what they are for; `fault` says why a figure could not be told."""

    name: str
    points: int
    fault: str = ""


def parts(case: seen.Case, contract: ContractSpec, *, propensity: float, waits: bool, weights: Weights) -> list[Part]:
    """Return what makes a case urgent, without the points of age; the parts that are 0 are left out unless they are faults.

    `propensity` is the chance with which the case was to be seen by people, `waits` says that an agent waits for the answer.
    """
    codes = set(case.reasons)
    only_sampled = propensity < 1 and codes == {"sampled"}
    found = [
        Part("uncertain", round((1 - max(0.0, min(1.0, case.confidence))) * weights.uncertain)),
        Part("escalated", weights.escalated if case.status == "escalate" else 0),
        Part("rule", weights.rule if codes - _NO_RULES else 0),
        Part("sampled", weights.sampled if only_sampled else 0),
        Part("risk", round(_tier(contract.risk_tier) * weights.risk)),
        Part("waiting", weights.waiting if waits else 0),
        _value(case, contract, weights),
    ]
    return [part for part in found if part.points or part.fault]


def total(found: Sequence[Part]) -> int:
    """Return the priority that parts come to, from -100 (can wait) to 100 (first)."""
    return max(LEAST, min(MOST, sum(part.points for part in found)))


def _tier(tier: str) -> float:
    return TIERS.index(tier) / (len(TIERS) - 1) if tier in TIERS else 0.0


def _value(case: seen.Case, contract: ContractSpec, weights: Weights) -> Part:
    if not weights.value or not weights.value_of or weights.value_full <= 0:
        return Part("value", 0)
    worth = seen.figure(weights.value_of, contract, case)
    if isinstance(worth, seen.RuleError):
        # Nobody knows what it is worth: it must not wait behind what is known to be worth little.
        return Part("value", weights.value, worth.text)
    share = worth / weights.value_full
    # What is no number counts in full as well.
    return Part("value", weights.value if math.isnan(share) else round(max(0.0, min(1.0, share)) * weights.value))
