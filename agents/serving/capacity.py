"""Backpressure: what one more flagged decision gets when people have as many before them as the contract allows.

The count is read at most once a second in each process and carried on by what this process flags itself. So a limit may
be passed by what the other processes flag within that second, and by no more.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from agents.contracts.spec import ContractSpec
from agents.runtime.autonomy import Status
from agents.runtime.decide import Reason, Verdict
from agents.runtime.routing import Arm
from agents.selectors import backlog
from agents.selectors.live import Live
from reviewapp.core.errors import Throttled

CODE = "review_capacity"
FRESH_SECONDS = 1.0
# People need minutes for a case; asking more often than this only adds to what waits.
RETRY_SECONDS = 30


@dataclass(slots=True)
class _Known:
    """How many were open when it was read, and since then flagged here."""

    count: int
    read_at: float


class Backlog:
    """The open decisions of every agent as this process knows them."""

    def __init__(self, count: Callable[[UUID, int], int], now: Callable[[], float] = time.monotonic) -> None:
        """Read by `count` (agent, no further than) and keep time by `now`, in seconds."""
        self._count, self._now = count, now
        self._known: dict[UUID, _Known] = {}

    def full(self, agent_id: UUID, open_max: int) -> bool:
        """Tell whether there is no room for one more; when there is, it is taken."""
        known, now = self._known.get(agent_id), self._now()
        if known is None or now - known.read_at >= FRESH_SECONDS:
            # Counted to the limit only: a backlog of a million costs no more than one of this size.
            known = self._known[agent_id] = _Known(self._count(agent_id, open_max), now)
        if known.count >= open_max:
            return True
        known.count += 1
        return False

    def clear(self) -> None:
        """Forget everything; the next decision reads again."""
        self._known.clear()


known = Backlog(backlog.waiting)


def held(live: Live, spec: ContractSpec, verdict: Verdict, arm: Arm, *, recorded: bool) -> tuple[Verdict, Arm]:
    """Return what a verdict becomes under the contract's review capacity; nothing changes for one that needs nobody.

    "fallback" answers cases for review with the declared output. A case that only chance chose keeps the policy's own
    answer, what was done already (`recorded`) and what must be escalated wait in any case. Raises `Throttled` with
    "refuse".
    """
    limit = spec.capacity
    if limit is None or verdict.status == "auto" or not known.full(live.agent_id, limit.open_max):
        return verdict, arm
    text = f"{limit.open_max:,} cases of this agent wait for people; its contract allows no more."
    if limit.then == "refuse":
        raise Throttled(f"{text} Send it again later.", code=CODE, extra={"retry_after": RETRY_SECONDS})
    if limit.then == "review" or recorded or verdict.status == "escalate":
        return replace(verdict, reasons=(*verdict.reasons, Reason(CODE, text))), arm
    auto: Status = "auto"
    if (verdict.trace["autonomy"] or {}).get("sampled"):
        return replace(verdict, status=auto, propensity=0.0, reasons=(Reason(CODE, text),)), arm
    return (
        replace(
            verdict,
            output=limit.output,
            confidence=0.0,
            status=auto,
            propensity=0.0,
            reasons=(*verdict.reasons, Reason(CODE, text)),
            trace={**verdict.trace, "source": "contract:fallback"},
        ),
        "fallback",
    )
