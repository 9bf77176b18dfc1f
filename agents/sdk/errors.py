"""What can go wrong between an agent and Countersign, as exceptions."""

from collections.abc import Mapping
from typing import Any


class Problem(Exception):
    """The server refused; `errors` maps each faulty field's dotted path to its mend.

    `decision` is the id of the decision that an idempotency key belongs to already, when that is the problem.
    """

    def __init__(self, document: Mapping[str, Any], status: int, *, retry_after: float | None = None) -> None:
        """Keep what the problem document says; `retry_after` is in seconds."""
        self.status = status
        self.retry_after = retry_after
        self.code = str(document.get("code", ""))
        self.decision = str(document.get("decision") or "")
        self.detail = str(document.get("detail", "") or document.get("title", "") or f"status {status}")
        self.errors = {str(one["path"]): str(one["message"]) for one in document.get("errors", ())}
        super().__init__(self.detail)


class CircuitOpen(Exception):
    """The last requests all failed, so this one was not sent. Asking again makes sense after `seconds`."""

    def __init__(self, seconds: float) -> None:
        """Say how long the circuit stays open."""
        self.seconds = seconds
        super().__init__(f"Countersign did not answer lately; the next attempt is made in {seconds:.1f} s.")


class SpoolFull(Exception):
    """The spool had no room within the time that the caller gave. The entry was not taken and is still the caller's."""


class BadSignature(Exception):
    """A webhook does not come from who it says, or not now. Answer 400 and do nothing."""


class Pending(Exception):
    """People have not settled the case in time; `ticket` finds it again, also from another process."""

    def __init__(self, ticket: Any) -> None:
        """Keep the ticket."""
        self.ticket = ticket
        super().__init__("People have not settled this case yet.")
