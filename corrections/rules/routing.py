"""Which queue a flagged decision goes to: ordered rules, the first that holds names it.

A rule is CEL over what is known when the decision is flagged. One that cannot be told for a case (a field it reads is
missing, say) ends the search: whether a later rule should have had the case is not known, so it goes to the default queue
and says so. It is never taken for "did not hold".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from agents.contracts.spec import ContractSpec
from corrections.rules import seen
from corrections.rules.seen import Case

__all__ = ["MOST", "Choice", "Line", "choose", "tells"]

_TELLING = re.compile(r"\b(output|confidence|score|status|reasons)\b")

# More lines than people can keep in their heads are a sign of queues that should be one.
MOST = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A rule: its name, its condition, and the queue it sends a case to."""

    name: str
    when: str
    queue: UUID


@dataclass(frozen=True, slots=True)
class Choice:
    """The queue of the line called `name`; None and why (`fault`, empty when simply no line held) for the default queue."""

    queue: UUID | None
    name: str = ""
    fault: str = ""


def tells(when: str) -> bool:
    """Say whether a condition reads what tells of the agent's answer: then being in its queue does as well."""
    return _TELLING.search(when) is not None


def choose(lines: Sequence[Line], contract: ContractSpec, case: Case) -> Choice:
    """Return where a case goes by the first line that holds for it under the contract it was decided by."""
    for line in lines:
        outcome = seen.told(line.when, contract, case)
        if isinstance(outcome, seen.RuleError):
            return Choice(None, line.name, outcome.text)
        if outcome:
            return Choice(line.queue, line.name)
    return Choice(None)
