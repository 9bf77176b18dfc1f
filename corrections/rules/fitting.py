"""What of a draft a contract's form has no place for: told before anything is saved over it, so that nothing is lost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from corrections.rules.submission import VERDICTS
from corrections.rules.verdicts import USUAL, Reason
from reviewapp.core import schemas

# The members of a draft that a form reads or writes itself.
_KNOWN = frozenset(
    {
        "verdict",
        "output",
        "reason_code",
        "justification",
        "evidence",
        "confidence",
        "time_spent_ms",
        "attachments",
        "contract_version",
        "left_over",
    }
)
# More than this many are kept as one text.
_MOST = 30
_DEEPEST = 12


class Terms(Protocol):
    """The terms of a contract that a form is made from."""

    @property
    def output_schema(self) -> Mapping[str, Any]:
        """Return the output schema."""

    @property
    def reason_codes(self) -> Sequence[Reason]:
        """Return the reason codes."""


@dataclass(frozen=True, slots=True)
class Left:
    """An entry without a place: its dotted path and its text as somebody may copy it."""

    path: str
    text: str


def left_over(draft: Mapping[str, Any], terms: Terms) -> list[Left]:
    """Return what of a draft has no place in the form of a contract, and what had none before, each once.

    An entry that has a place but is not valid there is no part of it: the form shows it with its fault.
    """
    before = draft.get("left_over")
    found = [
        Left(str(one["path"]), str(one["text"]))
        for one in (before if isinstance(before, list) else ())
        if isinstance(one, Mapping) and {"path", "text"} <= set(one)
    ]
    found += _now(draft, terms)
    distinct = list(dict.fromkeys(found))
    if len(distinct) <= _MOST:
        return distinct
    rest = {one.path: one.text for one in distinct[_MOST - 1 :]}
    return [*distinct[: _MOST - 1], Left("", json.dumps(rest, ensure_ascii=False))]


def _now(draft: Mapping[str, Any], terms: Terms) -> Iterator[Left]:
    verdict, reason, output = draft.get("verdict"), draft.get("reason_code"), draft.get("output")
    if verdict and verdict not in VERDICTS:
        yield Left("verdict", _text(verdict))
    known = {one.code for one in (*terms.reason_codes, *(one for usual in USUAL.values() for one in usual))}
    if reason and reason not in known:
        yield Left("reason_code", _text(reason))
    if isinstance(output, Mapping):
        yield from _of_object(terms.output_schema, terms.output_schema, output, "output", 0)
    elif output is not None:
        yield Left("output", _text(output))
    for name, value in draft.items():
        if name not in _KNOWN and value not in (None, "", [], {}):
            yield Left(str(name), _text(value))


def _of_object(root: Mapping[str, Any], raw: Any, value: Mapping[str, Any], path: str, depth: int) -> Iterator[Left]:
    schema = schemas.resolved(root, raw)
    members = schema.get("properties")
    if depth > _DEEPEST or not isinstance(members, Mapping) or schemas.is_open(root, schema):
        return
    for name, inner in value.items():
        at = f"{path}.{name}"
        if name not in members:
            yield Left(at, _text(inner))
        else:
            yield from _of_member(root, members[name], inner, at, depth + 1)


def _of_member(root: Mapping[str, Any], raw: Any, value: Any, path: str, depth: int) -> Iterator[Left]:
    schema = schemas.resolved(root, raw)
    drawn_apart = bool(schema.get("properties")) and not schemas.is_open(root, schema)
    items = schemas.resolved(root, schema.get("items")) if schema.get("items") else {}
    if drawn_apart and isinstance(value, Mapping):
        yield from _of_object(root, schema, value, path, depth)
    elif items.get("properties") and isinstance(value, list):
        for index, one in enumerate(value):
            yield from _of_member(root, items, one, f"{path}[{index}]", depth + 1)
    elif value is not None and (drawn_apart or "array" in _types(schema)) and not _shaped(schema, value):
        yield Left(path, _text(value))


def _types(schema: Mapping[str, Any]) -> set[str]:
    given = schema.get("type", ())
    return {given} if isinstance(given, str) else set(given)


def _shaped(schema: Mapping[str, Any], value: Any) -> bool:
    return isinstance(value, list) if "array" in _types(schema) else isinstance(value, Mapping)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
