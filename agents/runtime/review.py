"""The rules a contract holds: when a person must look at a decision, and when a correction needs a second person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from agents.runtime import rules
from agents.runtime.autonomy import Status
from agents.runtime.bundle import Bundle, bundle

_PROPOSAL = {
    "confidence": {"type": "number"},
    "model": {"type": "string"},
    "prompt_id": {"type": "string"},
    "tool_calls": {"type": "array", "items": {"type": "object"}},
}


class ContractRule(Protocol):
    """A rule of a contract."""

    @property
    def id(self) -> str:
        """Return the rule's id."""

    @property
    def when(self) -> str:
        """Return its condition."""

    @property
    def action(self) -> Any:
        """Return "review" or "escalate"."""

    @property
    def text(self) -> str:
        """Return why a person should look."""


class Contract(Protocol):
    """What the runtime needs to know of a contract; `agents.contracts.spec.ContractSpec` is one."""

    @property
    def digest(self) -> str:
        """Return the contract's digest."""

    @property
    def mode(self) -> Any:
        """Return "decide" or "propose"."""

    @property
    def action_field(self) -> str:
        """Return the output field that carries the action."""

    @property
    def input_schema(self) -> Mapping[str, Any]:
        """Return the schema of the input."""

    @property
    def output_schema(self) -> Mapping[str, Any]:
        """Return the schema of the output."""

    @property
    def review_rules(self) -> Sequence[ContractRule]:
        """Return when a person looks at a decision."""

    @property
    def escalation_rules(self) -> Sequence[ContractRule]:
        """Return when a correction needs a second person."""

    def __hash__(self) -> int:
        """Hash by content."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that asks for attention, because it holds or because it could not be told (`error`)."""

    id: str
    action: Status
    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Rules with their compiled conditions, and what binds cases for them."""

    binder: rules.Binder
    entries: tuple[ContractRule, ...]
    bundle: Bundle

    def results(
        self, values: Mapping[str, Any], steps: int | None = None
    ) -> Iterator[tuple[ContractRule, rules.Outcome]]:
        """Yield every rule with its outcome for one case. Raises `OutOfSteps` when they could take more than `steps`."""
        if not self.entries:
            return
        yield from zip(self.entries, self.bundle.evaluate(self.binder.bind(values), steps), strict=True)


def policy_scope(contract: Contract) -> rules.Scope:
    """Return the names that guardrails and learned exceptions may use: input and proposal."""
    return rules.Scope({"input": contract.input_schema, "proposal": _proposal(contract)})


def review_scope(contract: Contract) -> rules.Scope:
    """Return the names that review rules may use: input, output, confidence, proposal."""
    return rules.Scope(
        {
            "input": contract.input_schema,
            "output": contract.output_schema,
            "confidence": {"type": "number"},
            "proposal": _proposal(contract),
        }
    )


def escalation_scope(contract: Contract) -> rules.Scope:
    """Return the names that escalation rules may use.

    `correction` has the fields of the output as the reviewer says they should be (the agent's own when they agree),
    `verdict` is the reviewer's, `confidence` the policy's.
    """
    return rules.Scope(
        {
            "input": contract.input_schema,
            "output": contract.output_schema,
            "correction": contract.output_schema,
            "confidence": {"type": "number"},
            "verdict": {"type": "string"},
        }
    )


def faults_of(contract: Contract) -> dict[str, str]:
    """Return what is wrong with the conditions of a contract's rules, by dotted path."""
    found: dict[str, str] = {}
    for key, scope, listed in (
        ("review_rules", review_scope(contract), contract.review_rules),
        ("escalation_rules", escalation_scope(contract), contract.escalation_rules),
    ):
        for index, rule in enumerate(listed):
            try:
                rules.compile(rule.when, scope)
            except rules.RuleFault as fault:
                found[f"{key}[{index}].when"] = str(fault)
    return found


@lru_cache(maxsize=64)
def review_rules(contract: Contract) -> Compiled:
    """Return a contract's compiled review rules. Raises `rules.RuleFault` for a contract that was never checked."""
    return _compiled(contract.review_rules, review_scope(contract))


def escalations(
    contract: Contract,
    *,
    input: Mapping[str, Any],  # noqa: A002 - the word of the contract
    output: Mapping[str, Any] | None,
    correction: Mapping[str, Any] | None,
    confidence: float | None,
    verdict: str,
) -> tuple[Fired, ...]:
    """Return the escalation rules that a correction meets; one that cannot be told counts as met.

    `output` is what was decided, `correction` what the reviewer says it should be (None: can't tell, or escalated).
    """
    values = {
        "input": input,
        "output": output,
        "correction": correction if correction is not None else output,
        "confidence": confidence,
        "verdict": verdict,
    }
    return fired(_escalation_rules(contract).results(values))


def fired(results: Iterable[tuple[ContractRule, rules.Outcome]]) -> tuple[Fired, ...]:
    """Return the rules that ask for attention. An error escalates: a broken rule is never "did not apply"."""
    found = []
    for rule, outcome in results:
        if isinstance(outcome, rules.RuleError):
            text = f"The rule {rule.id} could not be told ({outcome.text})."
            found.append(Fired(rule.id, "escalate", text, outcome.text))
        elif outcome:
            found.append(Fired(rule.id, rule.action, rule.text))
    return tuple(found)


@lru_cache(maxsize=64)
def _escalation_rules(contract: Contract) -> Compiled:
    return _compiled(contract.escalation_rules, escalation_scope(contract))


def _compiled(listed: Sequence[ContractRule], scope: rules.Scope) -> Compiled:
    made = bundle([rules.compile(rule.when, scope) for rule in listed], scope)
    return Compiled(scope.binder(rule.when for rule in listed), tuple(listed), made)


def _proposal(contract: Contract) -> dict[str, Any]:
    return {"type": "object", "properties": {**_PROPOSAL, "output": contract.output_schema}}
