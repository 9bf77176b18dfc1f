"""What a complete correction looks like, checked against the contract."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from corrections.rules import verdicts
from corrections.rules.verdicts import Reason
from reviewapp.core import ids

# A tilde that escapes nothing, and a position without leading zeros, of at most nine digits (RFC 6901, sections 3 and 4).
_ESCAPE = re.compile("~(?![01])")
_INDEX = re.compile("0|[1-9][0-9]{0,8}")

VERDICTS = ("agree", "correct", "cannot_tell", "escalate")


class Faults(Protocol):
    """A schema that can say what is wrong with a document."""

    def validate(self, document: Any, *, prefix: str = ...) -> Sequence[tuple[str, str]]:
        """Return (dotted path, sentence) of every fault."""


class Terms(Protocol):
    """The terms of a contract that a correction must meet."""

    @property
    def output(self) -> Faults:
        """Return the output schema."""

    @property
    def min_justification(self) -> int:
        """Return the least number of characters of a justification."""

    @property
    def min_evidence(self) -> int:
        """Return how many inputs a correction cites at least."""

    def reasons_for(self, verdict: str) -> Sequence[Reason]:
        """Return the reason codes that fit a verdict."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the reviewer entered."""

    verdict: str
    output: Mapping[str, Any] | None
    reason_code: str
    justification: str
    evidence: tuple[str, ...]
    confidence: int | None


def faults(
    entry: Entry, terms: Terms, *, document: Mapping[str, Any], decided: Mapping[str, Any] | None
) -> dict[str, str]:
    """Return what is missing or wrong by dotted path; empty when the correction is complete.

    `document` is the decision's input, `decided` its output (None when the agent had no answer). Agreeing needs no reason
    and no words: it must not cost more than it says, and disagreeing must not cost more than it needs.
    """
    if entry.verdict not in VERDICTS:
        return {"verdict": "Choose a verdict: agree, correct, cannot_tell or escalate."}
    if unfit := _unfit(entry):
        return unfit
    found: dict[str, str] = {}
    if entry.verdict == "agree" and decided is None:
        found["verdict"] = "There is no output to agree with. Enter the right one instead."
    if entry.verdict == "correct":
        found.update(_output(entry, terms, decided))
    found.update(_reason(entry, terms))
    found.update(_evidence(entry.evidence, document))
    lacking = terms.min_evidence - len(set(entry.evidence))
    if entry.verdict == "correct" and lacking > 0:
        count = "one input" if terms.min_evidence == 1 else f"{terms.min_evidence} inputs"
        found.setdefault("evidence", f"Cite at least {count} that your correction rests on: {lacking} more.")
    if entry.confidence is not None and entry.confidence not in range(1, 6):
        found["confidence"] = "Use 1 (guess) to 5 (certain)."
    return found


def storable(value: Any) -> bool:
    """Say whether a JSON value can be kept: it has a canonical form (RFC 8785) and no NUL, which PostgreSQL cannot hold."""
    try:
        ids.canonical(value)
    except ValueError:
        return False
    return not _has_nul(value)


def judged_output(entry: Entry, *, decided: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the person says the output should be; None when they cannot tell or pass it on."""
    if entry.verdict == "agree":
        return dict(decided) if decided is not None else None
    if entry.verdict == "correct":
        return dict(entry.output or {})
    return None


def resolve_pointer(document: Any, pointer: str) -> bool:
    """Say whether a JSON pointer (RFC 6901) names a place in `document`."""
    if not pointer.startswith("/") or _ESCAPE.search(pointer):
        return False
    place = document
    for raw in pointer[1:].split("/"):
        step = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping) and step in place:
            place = place[step]
        elif isinstance(place, list) and _INDEX.fullmatch(step) and int(step) < len(place):
            place = place[int(step)]
        else:
            return False
    return True


def _unfit(entry: Entry) -> dict[str, str]:
    parts = {
        "output": dict(entry.output) if entry.output is not None else None,
        "reason_code": entry.reason_code,
        "justification": entry.justification,
        "evidence": list(entry.evidence),
    }
    words = "This holds a character or a number that cannot be stored. Take it out."
    return {name: words for name, value in parts.items() if not storable(value)}


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list | tuple) and any(_has_nul(part) for part in value)


def _output(entry: Entry, terms: Terms, decided: Mapping[str, Any] | None) -> dict[str, str]:
    if entry.output is None:
        return {"output": "Enter what the output should be."}
    found = dict(terms.output.validate(entry.output, prefix="output"))
    if not found and decided is not None and dict(entry.output) == dict(decided):
        return {"output": "This is what the agent decided. Change something, or agree."}
    return found


def _reason(entry: Entry, terms: Terms) -> dict[str, str]:
    found: dict[str, str] = {}
    known = [reason.code for reason in terms.reasons_for(entry.verdict)]
    fitting = [reason.code for reason in verdicts.offered(terms, entry.verdict)]
    if entry.reason_code and entry.reason_code not in fitting:
        found["reason_code"] = f"This reason does not fit the verdict. Use one of {', '.join(fitting) or 'none'}."
    if entry.verdict == "agree":
        return found
    if not entry.reason_code and known:
        found["reason_code"] = "Choose a reason."
    least = terms.min_justification
    if len(entry.justification) < least:
        missing = least - len(entry.justification)
        found["justification"] = f"Write at least {least} characters for the next reviewer: {missing} more."
    return found


def _evidence(pointers: Sequence[str], document: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"evidence[{index}]": f"{pointer!r} names nothing in the input. Use a JSON pointer such as /{next(iter(document), 'field')}."
        for index, pointer in enumerate(pointers)
        if not resolve_pointer(document, pointer)
    }
