"""Many rules in one call of the engine: a call costs several times what a typical rule does.

The rules stand side by side in one list, so each is still worked out by itself. The engine gives a list or one error for
all; after an error the rules are asked one by one, and each has its own outcome again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cel_expr_python import cel

from agents.runtime.budget import MOST_STEPS, OutOfSteps, Size
from agents.runtime.rules import Bound, Outcome, Rule, Scope, evaluate

# The engine reads at most 100,000 characters at once, and a rule has at most 2,000.
_CHUNK = 32


@dataclass(frozen=True, slots=True)
class _Part:
    """Neighbouring rules; `program` works them all out, None where only one by one will do.

    `varying` are those whose cost depends on the case.
    """

    rules: tuple[Rule, ...]
    program: Any
    varying: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """Compiled rules in their order."""

    parts: tuple[_Part, ...]
    varying: tuple[Rule, ...] = ()

    def steps(self, size: Size) -> int:
        """Return the most steps that rules whose cost depends on the case take; the others take next to none.

        A rule beyond its own bound is not run, and takes none.
        """
        found = (rule.cost.steps(size) for rule in self.varying)
        return sum(steps for steps in found if steps <= MOST_STEPS)

    def evaluate(self, bound: Bound, steps: int | None = None) -> list[Outcome]:
        """Return every rule's outcome on a case, in order: what `rules.evaluate` says of each.

        Raises `OutOfSteps` instead when all together could take more than `steps`.
        """
        if steps is not None and self.varying and (asked := self.steps(bound.size)) > steps:
            raise OutOfSteps(f"the rules could take {asked:,} steps on this case, and there is time for {steps:,}")
        found: list[Outcome] = []
        for part in self.parts:
            found += _together(part, bound) or [evaluate(rule, bound) for rule in part.rules]
        return found


def bundle(listed: Sequence[Rule], scope: Scope) -> Bundle:
    """Join rules that were compiled for `scope`."""
    parts: list[_Part] = []
    chunk: list[Rule] = []
    for rule in listed:
        # Loops are compiled under terms of their own, and their bound in steps is theirs alone.
        if rule.cost.loops:
            parts += [*_joined(chunk, scope), _Part((rule,), None)]
            chunk = []
        else:
            chunk.append(rule)
            if len(chunk) == _CHUNK:
                parts += _joined(chunk, scope)
                chunk = []
    varying = tuple(rule for rule in listed if rule.cost.varies)
    return Bundle((*parts, *_joined(chunk, scope)), varying)


def _joined(chunk: Sequence[Rule], scope: Scope) -> list[_Part]:
    if not chunk:
        return []
    text = ",\n".join(f"({scope.prepare(rule.text)}\n)" for rule in chunk)
    try:
        program = scope.program(f"[{text}]")
    except RuntimeError:
        # A rule that is nested as deep as the engine allows has no room for the list around it.
        program = None
    return [_Part(tuple(chunk), program, tuple(rule for rule in chunk if rule.cost.varies))]


def _together(part: _Part, bound: Bound) -> list[Outcome] | None:
    """Return the outcomes of a part in one call, None when they must be asked one by one."""
    if part.program is None:
        return None
    if part.varying and any(rule.cost.steps(bound.size) > MOST_STEPS for rule in part.varying):
        return None
    try:
        value = part.program.eval(bound.activation)
    except RuntimeError:
        return None
    if value.type() == cel.Type.ERROR:
        return None
    outcomes = value.plain_value()
    told = isinstance(outcomes, list) and len(outcomes) == len(part.rules)
    return outcomes if told and set(map(type, outcomes)) == {bool} else None
