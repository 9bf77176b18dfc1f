"""Precedents: past decisions like this one, and what people made of them."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from agents.selectors import contracts, facts
from corrections.selectors import shown
from reviewapp.core import statements

# Compared in memory: enough to find good precedents, small enough to stay far below the page's time budget.
_LOOK_AT = 150

# One more than is compared: the decision itself may have been settled before.
_SETTLED = f"""
    SELECT array_agg(id)::text FROM (
        SELECT id FROM corrections_consensus WHERE agent_id = %s AND authoritative AND state = 'usable'
        ORDER BY formed_at DESC LIMIT {_LOOK_AT + 1}
    ) latest
"""  # noqa: S608 - a number of the code
_READ = """
    SELECT c.id, c.decision_id, d.case_ref, d.input, d.output, c.output, c.changed, d.policy_version, c.formed_at
    FROM corrections_consensus c JOIN agents_decision d ON d.id = c.decision_id WHERE c.id = ANY(%s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Precedent:
    """A past decision: how alike it is (0 to 1), what the agent said and what people settled on."""

    decision_id: UUID
    case_ref: str
    likeness: float
    decided: str
    settled: str
    changed: bool
    policy_version: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class _Past:
    """A settled decision in the words of one contract; `values` are its inputs in the order of the compared fields."""

    decision_id: UUID
    case_ref: str
    decided: str
    settled: str
    changed: bool
    policy_version: int | None
    at: datetime
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Compared:
    """What was settled last, as the database named it in `ids`: the rows by id, and their inputs field by field."""

    ids: str
    rows: dict[str, _Past]
    columns: list[tuple[Any, ...]]


# What is settled is never rewritten, only replaced by a row with another id: a row that was read stays true. Kept by
# contract, since it is told in the contract's words; without fields that reviewers do not see.
_kept: dict[UUID, _Compared] = {}
_KEEP = 64


def precedents(decision: facts.Facts, *, limit: int) -> list[Precedent]:
    """Return the settled decisions of the agent that are most like `decision`, best first.

    Likeness is the mean over the contract's fields: 1 for equal values, for numbers 1 - |a - b| / max(|a|, |b|) (Gower 1971
    with the pair's own range).
    """
    spec = contracts.by_id(decision.contract_id).spec
    found = _compared(decision, spec)
    values = [fields.at(decision.input, path) for path in _paths(spec)]
    scored = zip(likenesses(values, found.columns, len(found.rows)), found.rows.items(), strict=True)
    others = ((-score, key, past) for score, (key, past) in scored if past.decision_id != decision.id)
    return [
        Precedent(
            decision_id=past.decision_id,
            case_ref=past.case_ref,
            likeness=-less,
            decided=past.decided,
            settled=past.settled,
            changed=past.changed,
            policy_version=past.policy_version,
            at=past.at,
        )
        for less, _, past in heapq.nsmallest(limit, others, key=lambda one: one[:2])
    ]


def likenesses(values: Sequence[Any], columns: Sequence[Sequence[Any]], count: int) -> list[float]:
    """Return how alike an input is to each of `count` others, 0 to 1; `columns` are theirs, one for each of `values`."""
    if not values or not count:
        return [0.0] * count
    total = [0.0] * count
    for value, column in zip(values, columns, strict=True):
        total = [so_far + more for so_far, more in zip(total, _alike(value, column), strict=True)]
    return [one / len(values) for one in total]


def _alike(one: Any, column: Sequence[Any]) -> list[float]:
    # Thousands of times a page: a tuple is tested in half the time that a union takes.
    if not isinstance(one, int | float) or isinstance(one, bool):
        return [float(one == other) for other in column]
    size = abs(one)
    return [
        1.0
        if one == other
        else 1 - min(1.0, abs(one - other) / max(size, abs(other)))
        if isinstance(other, (int, float))
        else 0.0
        for other in column
    ]


@lru_cache(maxsize=_KEEP)
def _paths(spec: ContractSpec) -> tuple[str, ...]:
    return tuple(field.path for field in fields.describe(spec.input_schema) if field.sensitivity != "sensitive")


def _compared(decision: facts.Facts, spec: ContractSpec) -> _Compared:
    ids = statements.run(_SETTLED, [decision.agent_id], again=True).fetchone()
    named = ids[0] if ids is not None and ids[0] is not None else "{}"
    kept = _kept.get(decision.contract_id)
    if kept is not None and kept.ids == named:
        return kept
    known = kept.rows if kept is not None else {}
    order = [key for key in named.strip("{}").split(",") if key]
    new = [key for key in order if key not in known]
    read = {**known, **_rows(new, spec)} if new else known
    rows = {key: read[key] for key in order if key in read}
    found = _Compared(named, rows, list(zip(*(past.values for past in rows.values()), strict=True)))
    if len(_kept) >= _KEEP:
        _kept.clear()
    _kept[decision.contract_id] = found
    return found


def _rows(ids: list[str], spec: ContractSpec) -> dict[str, _Past]:
    paths = _paths(spec)
    found = {}
    for key, decision_id, case_ref, given, output, settled, changed, version, at in statements.run(_READ, [ids]):
        document = orjson.loads(given)
        found[str(key)] = _Past(
            decision_id=decision_id,
            case_ref=case_ref,
            decided=shown.outcome(spec, _json(output)),
            settled=shown.outcome(spec, _json(settled)),
            changed=changed,
            policy_version=version,
            at=at,
            values=tuple(fields.at(document, path) for path in paths),
        )
    return found


def _json(text: str | None) -> Mapping[str, Any] | None:
    return orjson.loads(text) if text is not None else None
