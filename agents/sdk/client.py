"""The client: one kept connection, safe repeats, problems as exceptions. Imports nothing of the server."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from .breaker import Breaker
from .core import Core, Json, moment
from .retries import Retries
from .spool import Spool
from .steps import run
from .tickets import Ticket


class Client:
    """One agent's access to the decision service. Use it as a context manager, from one thread at a time."""

    def __init__(
        self,
        base_url: str,
        *,
        key: str,
        agent: str,
        timeout: float = 10.0,
        retries: int | Retries = 2,
        breaker: Breaker | None = None,
        state: str | Path | None = None,
        spool_bytes: int = 64 * 1024 * 1024,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connect to `base_url` with the agent's API key; `timeout` is seconds per request.

        `state` is a folder of this agent, shared by its processes, for the spool (at most `spool_bytes`) and the
        contract as last seen. Without it, a server that is away raises.
        """
        folder = Path(state) if state is not None else None
        self._core = Core(
            agent,
            retries=Retries(retries) if isinstance(retries, int) else retries,
            breaker=breaker or Breaker(),
            spool=Spool(folder / "spool", max_bytes=spool_bytes) if folder else None,
            contract_file=folder / "contract.json" if folder else None,
        )
        self._http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout, transport=transport
        )

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._http.close()

    def decide(
        self,
        case: Mapping[str, Any],
        *,
        proposal: Mapping[str, Any] | None = None,
        case_ref: str | None = None,
        unit: str | None = None,
        idempotency_key: str | None = None,
    ) -> Json:
        """Return the decision on a case. Raises `Problem`.

        Every call carries an idempotency key, so a repeat after a lost answer gives the same decision. With a `state`
        folder a server that is away is no error: the answer is the contract's for that event, marked `offline`, and
        the case is kept on disk until `drain()`.
        """
        body = {"input": case, "proposal": proposal, "case_ref": case_ref, "unit": unit}
        return run(self._core.ask(body, idempotency_key), self._http)

    def propose(
        self,
        case: Mapping[str, Any],
        proposal: Mapping[str, Any],
        *,
        case_ref: str | None = None,
        unit: str | None = None,
        idempotency_key: str | None = None,
    ) -> Json:
        """Send what the agent would do (`output`, `confidence`, `model`, `prompt_id`, `tool_calls`) to be judged. Raises `Problem`."""
        body = {"input": case, "proposal": proposal, "case_ref": case_ref, "unit": unit}
        return run(self._core.ask(body, idempotency_key), self._http)

    def record(
        self,
        case: Mapping[str, Any],
        done: Mapping[str, Any],
        *,
        decided_at: str | datetime,
        case_ref: str | None = None,
        unit: str | None = None,
        idempotency_key: str | None = None,
    ) -> Json:
        """Tell what the agent did already; `done` has the members of a proposal, `decided_at` is RFC 3339
        or a datetime with its zone. Raises `Problem`."""
        body = {"input": case, "record": {**done, "decided_at": moment(decided_at)}, "case_ref": case_ref, "unit": unit}
        return run(self._core.ask(body, idempotency_key), self._http)

    def decision(self, decision_id: str) -> Json:
        """Return a decision with its resolution, which is None while people have not settled it. Raises `Problem`."""
        return run(self._core.decision(decision_id), self._http)

    def wait(self, decision: Mapping[str, Any] | Ticket | str, *, seconds: float) -> Json | None:
        """Return what people make of a case, or None when they have not settled it within `seconds`.

        Takes a decision, its id, or a stored `Ticket`, so a restarted process goes on waiting. Holds one request open
        at a time and outlives a restart of the server. Raises `Problem`.
        """
        return run(self._core.wait(decision, seconds), self._http)

    def ticket(self, decision: Mapping[str, Any]) -> Ticket:
        """Return what to store (`dumps()`) so that another process can wait for the same case."""
        return Ticket.of(decision, agent=self._core.agent)

    def contract(self) -> Json:
        """Return the agent's contract and keep it for when the server is away. Raises `Problem`."""
        return run(self._core.contract(), self._http)

    def trials(self, cases: Sequence[Mapping[str, Any]]) -> Json:
        """Return what the live policy would answer to up to 1,000 cases of {input, proposal}; nothing is recorded."""
        return run(self._core.trials(cases), self._http)

    def batch(self, requests: Sequence[Mapping[str, Any]]) -> list[Json]:
        """Ask for many decisions; return {line, status, decision or problem} for each, in order.

        A request has the members `input`, `proposal` or `record`, `case_ref`, `unit`, `idempotency_key`. They go in
        requests of 2,000 lines, and a bad line does not stop a good one. Raises `Problem`.
        """
        return run(self._core.batch(requests), self._http)

    def drain(self) -> int:
        """Deliver what the spool keeps, in order; return how many left it. Raises what stopped it; the rest stays kept.

        Every request that goes well takes a few kept ones along, so this is for the end of a program, or after a long
        outage.
        """
        return run(self._core.drain(), self._http)
