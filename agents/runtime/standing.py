"""What a policy would answer if one more learned exception stood in it, case by case."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from agents.runtime import decide
from agents.runtime.artifact import Clause, Policy
from agents.runtime.budget import LEAST_STEPS, OutOfSteps
from agents.runtime.decide import Case, ModelError, Verdict
from agents.runtime.review import Contract

_ID = "what-if"


def turned(
    policy: Policy, contract: Contract, output: Mapping[str, Any], cases: Iterable[Case], *, members: Collection[str]
) -> Iterator[bool | None]:
    """Yield for each case whether the policy would answer otherwise with an exception that gives `output` for it.

    Answers are compared by `members`, names of members of the output: what a correction left alone is no other answer.
    Guardrails and the exceptions the policy has still come first, as in any verdict. Of a case on which the agent has
    acted already, "otherwise" means that a person would be asked because the exception contradicts what was done. None
    stands for a case that the policy cannot answer, or not within `LEAST_STEPS`. Raises `ArtifactError` when policy and
    contract do not fit together.
    """
    text = "The correction stands as a learned exception."
    clause = Clause(_ID, "exception", text, "true", "output", text, output, support=1)
    # Past the store of compiled policies: what is asked once must push nothing out of it that decisions need.
    compiled = decide.program.__wrapped__
    now = compiled(policy, contract)
    then = compiled(replace(policy, exceptions=(*policy.exceptions, clause)), contract)
    for case in cases:
        try:
            before, after = now.decide(case, LEAST_STEPS), then.decide(case, LEAST_STEPS)
        except (ModelError, OutOfSteps):
            yield None
            continue
        contradicted = case.done and any(reason.code == _ID for reason in after.reasons)
        yield contradicted or _of(before, members) != _of(after, members)


def _of(verdict: Verdict, members: Collection[str]) -> list[Any]:
    return [(verdict.output or {}).get(name) for name in members]
