"""The policy artifact: canonical JSON bytes (RFC 8785) under their digest, and what may stand inside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.runtime import shape
from agents.runtime.autonomy import Terms
from agents.runtime.shape import FORMAT
from reviewapp.core import ids

__all__ = ["FORMAT", "ArtifactError", "Clause", "Policy", "Sealed", "load", "seal"]


class ArtifactError(ValueError):
    """Bytes that are no usable policy; `faults` maps dotted paths to what is wrong."""

    def __init__(self, message: str, faults: Mapping[str, str] | None = None) -> None:
        """Keep the sentence and the faults."""
        super().__init__(message)
        self.faults = dict(faults or {})


@dataclass(frozen=True, slots=True)
class Sealed:
    """A policy as it is stored: exactly these bytes, named by their digest."""

    digest: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule of the policy: a guardrail (action, text) or a learned exception (output, support, sources)."""

    id: str
    kind: str
    title: str
    when: str
    action: str
    text: str
    output: Mapping[str, Any] | None
    support: int = 0
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Policy:
    """A read artifact. Two policies are the same when their digests are."""

    digest: str
    agent: str
    contract_version: int
    contract_digest: str
    guardrails: tuple[Clause, ...]
    exceptions: tuple[Clause, ...]
    model: Mapping[str, Any]
    autonomy: Terms
    exemplars: tuple[Mapping[str, Any], ...]
    guidance: str
    body: Mapping[str, Any] = field(repr=False)

    def __hash__(self) -> int:
        """Hash by content, so that a compiled form can be kept per policy."""
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        """Compare by content."""
        return isinstance(other, Policy) and other.digest == self.digest


def seal(body: Mapping[str, Any]) -> Sealed:
    """Return the canonical bytes and digest of a policy document. Raises `ArtifactError` naming every faulty path."""
    faults = dict(shape.faults_of(body))
    if faults:
        raise ArtifactError("This is not a policy artifact: " + _listing(faults), faults)
    try:
        content = ids.canonical(body)
    except ValueError as fault:
        raise ArtifactError(f"The policy has no canonical form: {fault}") from fault
    return Sealed(ids.digest_bytes(content), content)


def load(content: bytes, expected_digest: str) -> Policy:
    """Read a policy from its bytes. Raises `ArtifactError` when they are not the ones the digest names, or no policy."""
    content = bytes(content)
    if ids.digest_bytes(content) != expected_digest:
        raise ArtifactError(f"the bytes do not match the digest {expected_digest}")
    try:
        body = json.loads(content)
    except ValueError as fault:
        raise ArtifactError(f"the bytes are not JSON: {fault}") from fault
    faults = dict(shape.faults_of(body))
    if faults:
        raise ArtifactError("This is not a policy artifact: " + _listing(faults), faults)
    return _policy(body, expected_digest)


def _policy(body: Mapping[str, Any], digest: str) -> Policy:
    autonomy = body["autonomy"]
    return Policy(
        digest=digest,
        agent=body["agent"],
        contract_version=body["contract"]["version"],
        contract_digest=body["contract"]["digest"],
        guardrails=tuple(_clause(rule, "guardrail") for rule in body.get("guardrails", ())),
        exceptions=tuple(_clause(rule, "exception") for rule in body.get("exceptions", ())),
        model=body["model"],
        autonomy=Terms(autonomy["review_below"], autonomy.get("override_at"), autonomy.get("sample_rate", 0.0)),
        exemplars=tuple(body.get("exemplars", ())),
        guidance=body.get("guidance", ""),
        body=body,
    )


def _clause(rule: Mapping[str, Any], kind: str) -> Clause:
    title = str(rule.get("title", rule["id"]))
    return Clause(
        id=rule["id"],
        kind=kind,
        title=title,
        when=rule["when"],
        action=rule.get("action", "output"),
        text=str(rule.get("text") or title),
        output=rule.get("output"),
        support=rule.get("support", 0),
        sources=tuple(rule.get("sources", ())),
    )


def _listing(faults: Mapping[str, str]) -> str:
    return "; ".join(f"{path}: {message}" for path, message in list(faults.items())[:5])
