"""Reading a decision request: every fault by its dotted path."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from agents.contracts.faults import Fault
from agents.contracts.spec import ContractSpec
from reviewapp.core.errors import Invalid

LONGEST = 200
HEADER = "Idempotency-Key"
_MEMBERS = {
    "input": "the case",
    "case_ref": "your own reference",
    "unit": "whom a roll-out keeps on one side",
    "proposal": "the agent's answer",
}


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """A request that keeps the contract. `digest` tells two requests under one idempotency key apart."""

    input: Mapping[str, Any]
    proposal: Mapping[str, Any] | None
    case_ref: str
    unit: str
    idempotency_key: str | None
    digest: str


def read(body: Any, contract: ContractSpec, *, idempotency_key: str | None, key_path: str = HEADER) -> DecisionRequest:
    """Return the request, with the contract's defaults filled in; raises `Invalid` naming every faulty field.

    `key_path` is where the idempotency key stood, for its fault.
    """
    faults = list(_faults(body, contract, idempotency_key, key_path))
    if faults:
        fields: dict[str, str] = {}
        for path, message in faults:
            fields.setdefault(path, message)
        raise Invalid("The request does not keep the agent's contract.", fields=fields)
    return DecisionRequest(
        input=contract.input.with_defaults(body["input"]),
        proposal=body.get("proposal"),
        case_ref=body.get("case_ref") or "",
        unit=body.get("unit") or body.get("case_ref") or "",
        idempotency_key=idempotency_key,
        digest=digest(body),
    )


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
    found += contract.check_proposal(body.get("proposal"))
    for name in ("case_ref", "unit"):
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and len(value) <= LONGEST and "\x00" not in value):
            found.append((name, f"Send text of at most {LONGEST} characters: {_MEMBERS[name]}."))
    if key is not None and not (0 < len(key) <= LONGEST and key.isprintable()):
        found.append((key_path, f"Send 1 to {LONGEST} printable characters, or leave it out."))
    return found
