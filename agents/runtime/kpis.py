"""The business figures of a contract: type-checked when it is published, worked out for each outcome."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from agents.runtime import rules


class Figure(Protocol):
    """One business figure."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def value(self) -> str:
        """Return the expression that gives it for one case."""


class Contract(Protocol):
    """What is needed of a contract here; `agents.contracts.spec.ContractSpec` is one."""

    @property
    def input_schema(self) -> Mapping[str, Any]:
        """Return the schema of the input."""

    @property
    def output_schema(self) -> Mapping[str, Any]:
        """Return the schema of the output."""

    @property
    def outcome_schema(self) -> Mapping[str, Any] | None:
        """Return the schema of what became of a case, None when the contract takes no outcomes."""

    @property
    def kpis(self) -> Sequence[Figure]:
        """Return the figures."""

    def __hash__(self) -> int:
        """Hash by content."""


def faults_of(contract: Contract) -> dict[str, str]:
    """Return what is wrong with the expressions of a contract's figures, by dotted path."""
    found: dict[str, str] = {}
    scope = _scope(contract)
    for index, kpi in enumerate(contract.kpis):
        try:
            rules.compile_figure(kpi.value, scope)
        except rules.RuleFault as fault:
            found[f"kpis[{index}].value"] = str(fault)
    return found


def values(
    contract: Contract,
    *,
    input: Mapping[str, Any],  # noqa: A002 - the word of the contract
    output: Mapping[str, Any] | None,
    outcome: Mapping[str, Any],
) -> dict[str, float]:
    """Return the figures of one case by name. One that cannot be told (a value is absent) is left out, never zero.

    `output` is what the case came to in the end: the people's answer when there is one.
    """
    binder, compiled = _compiled(contract)
    bound = binder.bind({"input": input, "output": output, "outcome": outcome})
    found = {}
    for name, rule in compiled:
        value = rules.figure(rule, bound)
        if not isinstance(value, rules.RuleError) and math.isfinite(value):
            found[name] = value
    return found


@lru_cache(maxsize=64)
def _compiled(contract: Contract) -> tuple[rules.Binder, tuple[tuple[str, rules.Rule], ...]]:
    scope = _scope(contract)
    compiled = tuple((kpi.name, rules.compile_figure(kpi.value, scope)) for kpi in contract.kpis)
    return scope.binder(kpi.value for kpi in contract.kpis), compiled


def _scope(contract: Contract) -> rules.Scope:
    roots = {"input": contract.input_schema, "output": contract.output_schema}
    if contract.outcome_schema is not None:
        roots["outcome"] = contract.outcome_schema
    return rules.Scope(roots)
