"""Telling repeats from opinions: the digest under which two submissions are one and the same."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from reviewapp.core import ids

_NOISE = re.compile(r"[\W_]+", re.UNICODE)


def fold(text: str) -> str:
    """Return `text` without case, punctuation and spacing, in Unicode form NFKC: what remains when only looks differ."""
    return _NOISE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def digest(
    *,
    decision: str,
    author: str,
    verdict: str,
    output: Mapping[str, Any] | None,
    reason: str,
    justification: str,
    attachments: Iterable[str] = (),
) -> str:
    """Return the digest of what one person says about one decision; equal digests are exact repeats.

    `attachments` are the digests of the files that go with it.
    """
    said = [decision, author, verdict, dict(output) if output is not None else None, reason, fold(justification)]
    files = sorted(attachments)
    return ids.digest([*said, files] if files else said)


T = TypeVar("T")


def collapse(items: Iterable[tuple[str, T]]) -> list[T]:
    """Return the items with distinct digests, the first of each, in order."""
    seen: dict[str, T] = {}
    for key, item in items:
        seen.setdefault(key, item)
    return list(seen.values())
