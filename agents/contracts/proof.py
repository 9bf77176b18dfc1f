"""The members of a contract about proof: how much evidence a correction cites, and which files may go with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.contracts.faults import Fault
from agents.contracts.schema import join

# The kinds of file that are told apart by their content; `corrections.rules.files` knows how.
KINDS = ("pdf", "png", "jpeg", "docx", "xlsx", "json", "csv", "txt")
MOST_FILES = 10
MOST_KB = 10_240
_MOST_EVIDENCE = 20
# What goes without saying is left out of the document, so that digests of older contracts stay.
SILENT: Mapping[str, Any] = {"min_evidence": 0, "attachments": None}


@dataclass(frozen=True, slots=True)
class Attachments:
    """Which files may go with a judgement: at most `most`, each at most `max_kb` kB large and of one of `kinds`."""

    most: int = 5
    max_kb: int = MOST_KB
    kinds: tuple[str, ...] = KINDS


def attachments(body: Mapping[str, Any]) -> Attachments:
    """Return what a contract document without faults allows; what it does not say is the product's own limit."""
    given = body.get("attachments") or {}
    usual = Attachments()
    return Attachments(
        given.get("most", usual.most), given.get("max_kb", usual.max_kb), tuple(given.get("kinds", usual.kinds))
    )


def faults_of(body: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with these members, by dotted path."""
    if not _whole(body.get("min_evidence", 0), 0, _MOST_EVIDENCE):
        yield "min_evidence", f"Give how many inputs a correction cites at least, from 0 to {_MOST_EVIDENCE}."
    given = body.get("attachments")
    if given is None:
        return
    if not isinstance(given, Mapping):
        yield "attachments", 'Give an object with "most", "max_kb" and "kinds", each optional.'
        return
    for extra in sorted(set(map(str, given)) - {"most", "max_kb", "kinds"}):
        yield join("attachments", extra), "Known are most, max_kb, kinds."
    if not _whole(given.get("most", 1), 0, MOST_FILES):
        yield "attachments.most", f"Give how many files a judgement may have, from 0 (none) to {MOST_FILES}."
    if not _whole(given.get("max_kb", 1), 1, MOST_KB):
        yield "attachments.max_kb", f"Give how large a file may be in kB, from 1 to {MOST_KB:,}."
    kinds = given.get("kinds", list(KINDS))
    if not isinstance(kinds, list) or not kinds or not all(one in KINDS for one in kinds):
        yield "attachments.kinds", f"List some of {', '.join(KINDS)}."


def _whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
