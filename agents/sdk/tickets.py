"""A ticket: what one must keep to find a case again, also from another process and days later."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Ticket:
    """Finds a decision by its id or, when the server was away, by the idempotency key and the request it was kept with."""

    agent: str
    decision: str | None = None
    idempotency_key: str | None = None
    request: dict[str, Any] | None = None

    @classmethod
    def of(cls, decision: Mapping[str, Any], *, agent: str) -> Self:
        """Return the ticket of a decision as `decide()` or `propose()` returned it."""
        return cls(
            agent=str(decision.get("agent") or agent),
            decision=decision.get("id"),
            idempotency_key=decision.get("idempotency_key"),
            request=decision.get("request"),
        )

    def dumps(self) -> str:
        """Return the ticket as text, to be stored."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read a stored ticket. Raises ValueError when it is none."""
        try:
            return cls(**json.loads(text))
        except TypeError as fault:
            raise ValueError(f"This is no ticket: {fault}.") from None
