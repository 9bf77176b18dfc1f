"""Reasons for passing a case on, for contracts that name none of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UsualReason:
    """A reason of the product: its code and how it reads."""

    code: str
    title: str


# What is missing, and to whom it should go and why. Codes are kept with corrections: never give one another meaning.
USUAL = {
    "cannot_tell": (
        UsualReason("information_missing", "Information is missing"),
        UsualReason("inputs_contradict", "The inputs contradict each other"),
        UsualReason("rules_unclear", "The rules do not say"),
        UsualReason("expertise_missing", "It takes knowledge that I do not have"),
    ),
    "escalate": (
        UsualReason("above_my_limit", "Above what I may decide"),
        UsualReason("exception_needed", "It needs an exception from the rules"),
        UsualReason("misuse_suspected", "Fraud or misuse is suspected"),
        UsualReason("many_affected", "It concerns more than this case"),
    ),
}


class Reason(Protocol):
    """A reason code and how it reads."""

    @property
    def code(self) -> str:
        """Return the code."""

    @property
    def title(self) -> str:
        """Return how it reads."""


class Reasons(Protocol):
    """A contract's reasons."""

    def reasons_for(self, verdict: str) -> Sequence[Reason]:
        """Return the reason codes that fit a verdict."""


def offered(terms: Reasons, verdict: str) -> Sequence[Reason]:
    """Return the reasons a person may give with a verdict: the contract's own, else the usual ones for passing it on.

    The usual ones may be left out: no contract asks for them.
    """
    return tuple(terms.reasons_for(verdict)) or USUAL.get(verdict, ())
