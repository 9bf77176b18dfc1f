"""Reading a decision request: every fault by its dotted path."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from agents.contracts.faults import Fault
from agents.contracts.spec import ContractSpec
from reviewapp.core import clock
from reviewapp.core.errors import Invalid

LONGEST = 200
_MOST_TOLD = 20
HEADER = "Idempotency-Key"
# How far the agent's clock may run ahead of ours.
_SKEW = timedelta(seconds=60)
_EARLIEST = 1970
_MEMBERS = {
    "input": "the case",
    "case_ref": "your own reference",
    "unit": "whom a roll-out keeps on one side",
    "proposal": "the agent's answer",
    "record": "what the agent did already",
}


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """A request that keeps the contract. `digest` tells two requests under one idempotency key apart.

    In mode "record", `proposal` is what the agent did, and `done_at` when.
    """

    mode: str
    input: Mapping[str, Any]
    proposal: Mapping[str, Any] | None
    done_at: datetime | None
    case_ref: str
    unit: str
    idempotency_key: str | None
    digest: str
    dropped: tuple[str, ...] = ()


def read(body: Any, contract: ContractSpec, *, idempotency_key: str | None, key_path: str = HEADER) -> DecisionRequest:
    """Return the request, with the contract's defaults filled in; raises `Invalid` naming every faulty field.

    `key_path` is where the idempotency key stood, for its fault.
    """
    whole = body
    dropped: tuple[str, ...] = ()
    if contract.drops_unknown and isinstance(body, Mapping) and "input" in body:
        kept, dropped = contract.input.without_unknown(body["input"])
        body = {**body, "input": kept}
    faults = list(_faults(body, contract, idempotency_key, key_path))
    if faults:
        fields: dict[str, str] = {}
        for path, message in faults:
            fields.setdefault(path, message)
        raise Invalid("The request does not keep the agent's contract.", fields=fields)
    record = body.get("record")
    done = {name: value for name, value in record.items() if name != "decided_at"} if record is not None else None
    return DecisionRequest(
        mode=contract.mode if record is None else "record",
        input=contract.input.with_defaults(body["input"]),
        proposal=body.get("proposal") if record is None else done,
        done_at=_time(record["decided_at"]) if record is not None else None,
        case_ref=body.get("case_ref") or "",
        unit=body.get("unit") or body.get("case_ref") or "",
        idempotency_key=idempotency_key,
        digest=digest(whole),
        dropped=dropped,
    )


def told(dropped: Sequence[str]) -> dict[str, Any]:
    """Return how many fields were dropped and which, the first of them by name, for the decision's trace."""
    return {"count": len(dropped), "fields": list(dropped[:_MOST_TOLD])}


def digest(body: Any) -> str:
    """Return a digest of the parsed body that does not depend on the order of its members."""
    return "sha256:" + hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _faults(body: Any, contract: ContractSpec, key: str | None, key_path: str) -> list[Fault]:
    if not isinstance(body, Mapping):
        return [("", 'Send a JSON object with "input".')]
    found: list[Fault] = [
        (str(name), f"There is no such field. Known are {', '.join(_MEMBERS)}.")
        for name in body
        if name not in _MEMBERS
    ]
    if "input" in body:
        found += contract.input.validate(body["input"], prefix="input")
    else:
        found.append(("input", "This field is required."))
    if body.get("record") is None:
        found += contract.check_proposal(body.get("proposal"))
    else:
        found += _record_faults(body, contract)
    for name in ("case_ref", "unit"):
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and len(value) <= LONGEST and "\x00" not in value):
            found.append((name, f"Send text of at most {LONGEST} characters: {_MEMBERS[name]}."))
    if key is not None and not (0 < len(key) <= LONGEST and key.isprintable()):
        found.append((key_path, f"Send 1 to {LONGEST} printable characters, or leave it out."))
    return found


def _record_faults(body: Mapping[str, Any], contract: ContractSpec) -> list[Fault]:
    record = body["record"]
    if not isinstance(record, Mapping):
        return [("record", "Send an object with output and decided_at: what was done, and when.")]
    found: list[Fault] = []
    if body.get("proposal") is not None:
        found.append(("proposal", "Send either a proposal, to be judged first, or a record of what was done."))
    done_at = _time(record.get("decided_at"))
    if done_at is None:
        found.append(("record.decided_at", "Say when it was done, as 2026-01-31T09:30:00Z."))
    elif done_at > clock.now() + _SKEW:
        found.append(("record.decided_at", "This lies in the future. To have a case decided first, leave record out."))
    done = {name: value for name, value in record.items() if name != "decided_at"}
    return found + contract.check_proposal(done, prefix="record")


def _time(value: Any) -> datetime | None:
    """Return a time as RFC 3339 writes it, None for what is none or has no offset."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        return None
    if found is None or found.tzinfo is None or found.year < _EARLIEST:
        return None
    return found.astimezone(UTC)
