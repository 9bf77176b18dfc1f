"""The channel statement: what one agent's traffic gets, from when until when, under which serial.

Separate from the policies it names and short-lived, so that neither an old statement nor a frozen one can hold an agent
back: the serial only rises, and after `not_after` the statement says nothing any more.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agents.runtime.artifact import ArtifactError
from reviewapp.core import ids

FORMAT = "countersign.channel/1"
SHARE_MAX = 10_000


class StatementError(ArtifactError):
    """A statement that must not be followed. `revoked` are the digests that a genuine one took back nevertheless."""

    def __init__(self, message: str, revoked: tuple[str, ...] = ()) -> None:
        """Keep the sentence and the digests."""
        super().__init__(message)
        self.revoked = revoked


@dataclass(frozen=True, slots=True)
class Pointer:
    """A sealed policy by digest, with its version number."""

    digest: str
    version: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed. `canary_share` is in basis points, times are aware and in whole microseconds."""

    agent: str
    serial: int
    stable: Pointer | None
    canary: Pointer | None
    canary_share: int
    salt: str
    issued_at: datetime
    not_after: datetime
    revoked: tuple[str, ...]

    def content(self) -> bytes:
        """Return the canonical bytes (RFC 8785)."""
        return ids.canonical(
            {
                "format": FORMAT,
                "agent": self.agent,
                "serial": self.serial,
                "stable": _written(self.stable),
                "canary": _written(self.canary),
                "canary_share": self.canary_share,
                "salt": self.salt,
                "issued_at": self.issued_at.astimezone(UTC).isoformat(),
                "not_after": self.not_after.astimezone(UTC).isoformat(),
                "revoked": sorted(self.revoked),
            }
        )

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """Return what is served: nothing, the stable policy, or both."""
        return tuple(one for one in (self.stable, self.canary) if one is not None)

    def admit(self, *, agent: str, floor: int, now: datetime) -> None:
        """Raise `StatementError` unless this may be followed by `agent` now.

        `floor` is the highest serial known for the agent: nothing below it is followed again.
        """
        if self.agent != agent:
            raise StatementError(f"the statement is for {self.agent}, not for {agent}")
        if self.serial < floor:
            raise StatementError(f"the statement has serial {self.serial}, and {floor} was there before")
        if taken := [one.digest for one in self.pointers if one.digest in self.revoked]:
            raise StatementError(f"the statement serves what it revokes: {', '.join(taken)}", self.revoked)
        if now >= self.not_after:
            raise StatementError(f"the statement ran out at {self.not_after.isoformat()}", self.revoked)


def read(content: bytes) -> Statement:
    """Read a statement from bytes whose signature was checked. Raises `StatementError` when they are none."""
    try:
        body = json.loads(content)
        if body["format"] != FORMAT:
            raise StatementError(f"the statement has the format {body['format']!r}, not {FORMAT}")
        statement = Statement(
            agent=_text(body["agent"]),
            serial=_number(body["serial"]),
            stable=_pointer(body["stable"]),
            canary=_pointer(body["canary"]),
            canary_share=_number(body["canary_share"]),
            salt=_text(body["salt"]),
            issued_at=_time(body["issued_at"]),
            not_after=_time(body["not_after"]),
            revoked=tuple(_text(one) for one in body["revoked"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        if isinstance(fault, StatementError):
            raise
        raise StatementError(f"this is not a channel statement: {fault!r}") from fault
    if statement.canary_share > SHARE_MAX or (statement.canary is not None and statement.stable is None):
        raise StatementError("a canary runs beside a stable policy, for at most 10,000 basis points")
    return statement


def _written(pointer: Pointer | None) -> dict[str, Any] | None:
    return {"digest": pointer.digest, "version": pointer.version} if pointer else None


def _pointer(body: Any) -> Pointer | None:
    return None if body is None else Pointer(_text(body["digest"]), _number(body["version"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise StatementError(f"{value!r} is not text")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise StatementError(f"{value!r} is not a whole number from 0")
    return value


def _time(value: Any) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise StatementError(f"{value} has no time zone")
    return found
