"""Asking a policy again: what would it answer for cases whose answer is known."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from agents.runtime import artifact, decide, model, review
from agents.runtime.artifact import Policy
from policies.evaluation.metrics import Answer
from policies.learning.dataset import Row


class Contract(review.Contract, Protocol):
    """The contract as a replay needs it: with a compiled output schema."""

    @property
    def output(self) -> Any:
        """Return the output schema, which can `validate` a document."""


def label_of(output: Mapping[str, Any], contract: review.Contract) -> str:
    """Return the code of what an output does: the value of the contract's action field."""
    return model.category(output.get(contract.action_field))


def answers(
    policy: Policy, contract: Contract, rows: Iterable[Row], *, segments: Sequence[str] = ()
) -> tuple[Answer, ...]:
    """Return the policy's answer to every row, in order. A case it cannot answer is a fault, never left out.

    Decisions that only the random check would send to a person count as decided alone. `segments` names the input
    fields whose values group the answers. Raises `ArtifactError` when policy and contract do not fit together.
    """
    program = decide.program(policy, contract)
    return tuple(_answer(program, contract, row, segments) for row in rows)


def sealed(body: Mapping[str, Any]) -> Policy:
    """Seal a policy document and read it back. Raises `ArtifactError` naming every faulty path."""
    made = artifact.seal(body)
    return artifact.load(made.content, made.digest)


def flips(before: Sequence[Answer], after: Sequence[Answer]) -> dict[str, int]:
    """Count the cases that get another answer, and of them those now right ("mended") and now wrong ("broken")."""
    pairs = list(zip(before, after, strict=True))
    return {
        "cases": len(pairs),
        "changed": sum(was.answer != now.answer for was, now in pairs),
        "mended": sum(now.right and not was.right for was, now in pairs),
        "broken": sum(was.right and not now.right for was, now in pairs),
    }


def _answer(program: decide.Program, contract: Contract, row: Row, segments: Sequence[str]) -> Answer:
    groups = tuple((name, model.category(row.input[name])) for name in segments if row.input.get(name) is not None)
    case = decide.Case(input=row.input, proposal=row.proposal, unit=row.unit, decision_id=row.id)
    try:
        verdict = program.decide(case)
    except decide.ModelError as fault:
        return Answer(row.id, row.source, row.label, "", "review", None, groups, str(fault))
    output = verdict.output or {}
    faults = contract.output.validate(output)
    sampled = bool(verdict.trace["autonomy"]["sampled"])
    return Answer(
        id=row.id,
        source=row.source,
        label=row.label,
        answer=label_of(output, contract),
        status="auto" if sampled else verdict.status,
        confidence=verdict.confidence,
        segments=groups,
        fault=f"{faults[0][0]}: {faults[0][1]}" if faults else _broken_rule(verdict),
    )


def _broken_rule(verdict: decide.Verdict) -> str:
    for line in verdict.trace["rules"]:
        if line["result"] == "error":
            return f"{line['id']}: {line['error']}"
    return ""
