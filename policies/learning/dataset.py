"""The training snapshot: exactly what a policy version was learned from, and what it may never learn from.

A snapshot is canonical JSON (RFC 8785) named by its digest. The same cases and verdicts give the same bytes, so the
digest answers "was anything new?" without comparing rows.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reviewapp.core import ids

FORMAT = "countersign.snapshot/1"
TRAIN, TEST = "train", "test"


@dataclass(frozen=True, slots=True)
class Case:
    """One case with a settled answer, before it is assigned to training or test.

    `source` is "reference" (given with the agent) or "consensus" (settled by people). `role` is "train" or "evaluate"
    for reference cases and empty for consensus, whose side the hash decides. `decided` is the label that the agent
    gave, when it gave one. `weight` is the trust in the answer, 0 to 1.
    """

    id: str
    source: str
    role: str
    input: Mapping[str, Any]
    proposal: Mapping[str, Any] | None
    output: Mapping[str, Any]
    label: str
    decided: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class Row:
    """A case inside a snapshot: `use` says whether it trains or tests, `unit` is the digest of what was judged."""

    id: str
    source: str
    use: str
    unit: str
    input: dict[str, Any]
    proposal: dict[str, Any] | None
    output: dict[str, Any]
    label: str
    decided: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class Dataset:
    """A read snapshot."""

    agent: str
    contract_version: int
    contract_digest: str
    held_out_bp: int
    rows: tuple[Row, ...]

    def using(self, use: str) -> tuple[Row, ...]:
        """Return the rows of one side, "train" or "test"."""
        return tuple(row for row in self.rows if row.use == use)

    def from_people(self, use: str) -> tuple[Row, ...]:
        """Return the rows of one side that people settled."""
        return tuple(row for row in self.rows if row.use == use and row.source == "consensus")


def unit_of(judged: Mapping[str, Any], *, filled: Collection[str] = ()) -> str:
    """Return the digest that identifies a judged input: repeats of it always fall on the same side of the split.

    `filled` are the fields that did not come with the case but from feature views: the same case asked again is the same
    case, whatever has become known of its entity in between.
    """
    return ids.digest({name: value for name, value in judged.items() if name not in filled})


def bucket(salt: str, unit: str) -> int:
    """Return 0 to 9999, evenly spread and fixed for ever for a salt and unit (first 8 bytes of SHA-256)."""
    head = hashlib.sha256(f"split\x00{salt}\x00{unit}".encode()).digest()[:8]
    return int.from_bytes(head, "big") * 10_000 >> 64


def assign(cases: Iterable[Case], *, salt: str, held_out_bp: int, filled: Collection[str] = ()) -> tuple[Row, ...]:
    """Return every case once, sorted by id, each on the training or the test side.

    Reference cases keep their role. A case settled by people is held out when the bucket of its input is below
    `held_out_bp` (basis points), or when a reference case for evaluation has the same input: what tests a policy never
    trains it, whatever the route by which it came. `filled` as for `unit_of`.
    """
    ordered = sorted(cases, key=lambda case: case.id)
    units = {case.id: unit_of(case.input, filled=filled) for case in ordered}
    tested = {units[case.id] for case in ordered if case.role == "evaluate"}
    taught = {units[case.id] for case in ordered if case.role == "train"} - tested

    def side(case: Case) -> str:
        unit = units[case.id]
        if unit in tested:
            return TEST
        if unit in taught or case.role == "train":
            return TRAIN
        return TEST if bucket(salt, unit) < held_out_bp else TRAIN

    return tuple(row(case, use=side(case), unit=units[case.id]) for case in ordered)


def freeze(
    rows: Sequence[Row], *, agent: str, contract_version: int, contract_digest: str, held_out_bp: int
) -> tuple[str, bytes]:
    """Return the digest and the canonical bytes of the snapshot that holds these rows."""
    body = {
        "format": FORMAT,
        "agent": agent,
        "contract": {"version": contract_version, "digest": contract_digest},
        "held_out_bp": held_out_bp,
        "rows": [asdict(row) for row in rows],
    }
    content = ids.canonical(body)
    return ids.digest_bytes(content), content


def thaw(content: bytes, digest: str) -> Dataset:
    """Read a snapshot back. Raises `ValueError` when the bytes are not the ones that `digest` names."""
    if ids.digest_bytes(content) != digest:
        raise ValueError(f"the snapshot's bytes do not match its digest {digest}")
    body = json.loads(content)
    if body["format"] != FORMAT:
        raise ValueError(f"unknown snapshot format {body['format']!r}")
    return Dataset(
        agent=body["agent"],
        contract_version=int(body["contract"]["version"]),
        contract_digest=body["contract"]["digest"],
        held_out_bp=int(body["held_out_bp"]),
        rows=tuple(Row(**row) for row in body["rows"]),
    )


def row(case: Case, *, use: str, unit: str = "") -> Row:
    """Return a case as a row of one side; without a given `unit` it is computed."""
    return Row(
        id=case.id,
        source=case.source,
        use=use,
        unit=unit or unit_of(case.input),
        input=dict(case.input),
        proposal=dict(case.proposal) if case.proposal is not None else None,
        output=dict(case.output),
        label=case.label,
        decided=case.decided,
        weight=round(case.weight, 4),
    )
