"""What both clients say to the server, and what they do when it does not answer."""

import contextlib
import functools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from .breaker import Breaker
from .errors import CircuitOpen, Problem, SpoolFull
from .retries import PASSING, Retries, retry_after
from .spool import Entry, Lease, Spool
from .steps import Do, Send, Sleep, Steps
from .tickets import Ticket

Json = dict[str, Any]

_LONGEST_POLL = 25.0
# Between two polls that come back at once, so that a server that cannot hold them is not flooded.
_SHORT_POLL = 0.25
# Lines of one batch request, and how long it may take.
_CHUNK = 2000
_BATCH_SECONDS = 120.0
# Kept entries that ride along with a request that went well: enough to catch up, few enough not to be felt.
_AT_A_TIME = 3
# How long a full spool is waited for before this process tries to make room itself.
_FULL_SECONDS = 1.0
# What the agent did by itself is told under the case's key with this behind it when the key is taken.
_DONE = ":done"


@dataclass
class Core:
    """One agent's access: where, how patiently, and where things lie on disk."""

    agent: str
    retries: Retries = field(default_factory=Retries)
    breaker: Breaker = field(default_factory=Breaker)
    spool: Spool | None = None
    contract_file: Path | None = None
    _contract: Json | None = None

    @property
    def path(self) -> str:
        """The agent's address below the server's."""
        return f"/api/v1/agents/{quote(self.agent, safe='')}"

    def ask(self, body: Mapping[str, Any], key: str | None) -> Steps[Json]:
        """Ask for a decision; without an answer keep to the contract's terms, if there is a spool to keep the case in.

        Raises:
            Problem: the server refused.
            CircuitOpen, httpx.TransportError: it does not answer, and there is no spool.
        """
        key = key or str(uuid4())
        request = {name: value for name, value in body.items() if value is not None}
        try:
            decided = yield from self._post(request, key)
        except (httpx.TransportError, CircuitOpen) as fault:
            if self.spool is None:
                raise
            why = str(fault) or type(fault).__name__
        except Problem as problem:
            if self.spool is None or not _away(problem, request):
                raise
            why = problem.detail
        else:
            yield from self._catch_up(decided)
            return decided
        return (yield from self._by_contract(request, key, why))

    def decision(self, decision_id: str) -> Steps[Json]:
        """Read a decision."""
        return _json((yield from self.send("GET", f"{self.path}/decisions/{decision_id}")))

    def wait(self, known: Mapping[str, Any] | Ticket | str, seconds: float) -> Steps[Json | None]:
        """Poll until a case is settled or the time is up."""
        until = time.monotonic() + seconds
        address = yield from self._wait_address(known, until)
        while address is not None and (left := until - time.monotonic()) > 0:
            poll, began = min(left, _LONGEST_POLL), time.monotonic()
            try:
                response = yield from self.send(
                    "GET", address, params={"wait": f"{poll:.2f}"}, timeout=poll + 10, patient=False
                )
            except (httpx.TransportError, CircuitOpen, Problem) as fault:
                # A person may take days; a server that restarts meanwhile is no reason to give up.
                if _lasting(fault):
                    raise
                yield Sleep(max(0.0, min(_SHORT_POLL * 4, until - time.monotonic())))
                continue
            if response.status_code == 200:
                return _json(response)
            if time.monotonic() - began < _SHORT_POLL:
                yield Sleep(max(0.0, min(_SHORT_POLL, until - time.monotonic())))
        return None

    def contract(self) -> Steps[Json]:
        """Return the agent's contract, from the server when it answers, else as last seen."""
        cached = yield from self._cached()
        headers = {"If-None-Match": cached["tag"]} if cached and cached.get("tag") else {}
        try:
            response = yield from self.send("GET", self.path, headers=headers)
        except (httpx.TransportError, CircuitOpen, Problem) as fault:
            if cached is None or _lasting(fault):
                raise
            return dict(cached["body"])
        if cached is not None and response.status_code == httpx.codes.NOT_MODIFIED:
            return dict(cached["body"])
        found: Json = _json(response)["contract"]
        tag = response.headers.get("ETag", "")
        self._contract = {"version": found["version"], "body": found["body"], "tag": tag}
        if self.contract_file is not None:
            yield Do(functools.partial(_replace, self.contract_file, json.dumps(self._contract)))
        return dict(found["body"])

    def trials(self, cases: Sequence[Mapping[str, Any]]) -> Steps[Json]:
        """Try cases out."""
        return _json((yield from self.send("POST", f"{self.path}/trials", json={"cases": list(cases)})))

    def batch(self, requests: Sequence[Mapping[str, Any]]) -> Steps[list[Json]]:
        """Ask for many decisions, a chunk a request; what has no idempotency key gets one, so that repeats are safe."""
        keyed = [{"idempotency_key": str(uuid4()), **one} for one in requests]
        found: list[Json] = []
        for at in range(0, len(keyed), _CHUNK):
            content = b"\n".join(json.dumps(one).encode() for one in keyed[at : at + _CHUNK])
            headers = {"Content-Type": "application/x-ndjson"}
            response = yield from self.send(
                "POST", f"{self.path}/decisions/batch", content=content, headers=headers, timeout=_BATCH_SECONDS
            )
            results: list[Json] = [json.loads(line) for line in response.text.splitlines()]
            found += [{**one, "line": one["line"] + at} for one in results]
        return found

    def drain(self, limit: int | None = None) -> Steps[int]:
        """Deliver what is kept, in order; return how many entries left. What stops it is raised; the rest stays."""
        lease: Lease | None = (yield Do(self.spool.lease)) if self.spool is not None else None
        if lease is None:
            return 0
        gone = 0
        try:
            while limit is None or gone < limit:
                entry: Entry | None = yield Do(lease.first)
                if entry is None:
                    break
                refused = not (yield from self._delivered(entry.body))
                yield Do(functools.partial(lease.remove, entry, refused=refused))
                gone += 1
        finally:
            lease.close()
        return gone

    def _catch_up(self, decided: Mapping[str, Any]) -> Steps[None]:
        """Now that the server answers, learn the contract it decided by if it is another, and deliver a few kept
        entries; a failure leaves both for the next time."""
        if self.spool is None:
            return
        cached = yield from self._cached()
        with contextlib.suppress(httpx.TransportError, CircuitOpen, Problem):
            if cached is None or cached["version"] != (decided.get("contract") or {}).get("version"):
                yield from self.contract()
        if (yield Do(self.spool.__bool__)):
            with contextlib.suppress(httpx.TransportError, CircuitOpen, Problem):
                yield from self.drain(_AT_A_TIME)

    def _delivered(self, entry: Mapping[str, Any]) -> Steps[bool]:
        """Send a kept request; False when the server will never take it. A failure to reach it raises."""
        request, key = entry["request"], str(entry["key"])
        try:
            yield from self._post(request, key)
        except Problem as problem:
            if not _final(problem):
                raise
            if problem.code != "idempotency_key_reused":
                return False
            # The first attempt had reached the server after all, and only its answer was lost. What the agent did
            # meanwhile is told under a key of its own.
            if "record" in request and not key.endswith(_DONE):
                return (yield from self._delivered({"request": request, "key": key + _DONE}))
        return True

    def send(self, verb: str, path: str, *, patient: bool = True, **options: Any) -> Steps[httpx.Response]:
        """Send with retries, through the circuit breaker. Raises what is left after the last attempt."""
        for attempt in range(self.retries.count + 1):
            if (blocked := self.breaker.blocked()) > 0:
                raise CircuitOpen(blocked)
            asked: float | None = None
            try:
                response: httpx.Response = yield Send(verb, path, options)
            except httpx.TransportError:
                self.breaker.failed()
                pause = self.retries.pause(attempt, None) if patient else None
                if pause is None:
                    raise
            else:
                self._note(response)
                asked = retry_after(response)
                pause = self.retries.pause(attempt, asked) if response.status_code in PASSING else None
                if pause is None:
                    return _checked(response, asked)
            yield Sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _note(self, response: httpx.Response) -> None:
        # "Too many" is an answer of a healthy server.
        if response.status_code >= 500:
            self.breaker.failed()
        else:
            self.breaker.succeeded()

    def _post(self, request: Mapping[str, Any], key: str) -> Steps[Json]:
        headers = {"Idempotency-Key": key}
        return _json((yield from self.send("POST", f"{self.path}/decisions", json=dict(request), headers=headers)))

    def _by_contract(self, request: Json, key: str, why: str) -> Steps[Json]:
        """Answer as the contract says for `on_unavailable`, and keep the case for the server's return."""
        contract = yield from self._cached()
        terms = ((contract or {"body": {}})["body"].get("failure") or {}).get("on_unavailable") or {"do": "review"}
        proposed = (request.get("proposal") or {}).get("output")
        record = request.get("record")
        output = record["output"] if record else terms.get("output") or proposed
        acts = record is not None or (terms["do"] != "review" and output is not None)
        kept = request
        if acts and record is None:
            # The agent acts on this answer now, so that is what the server must learn later.
            done = {**(request.get("proposal") or {}), "output": output, "decided_at": _now()}
            kept = {**{name: value for name, value in request.items() if name != "proposal"}, "record": done}
        yield from self._keep({"key": key, "request": kept})
        return {
            "id": None,
            "agent": self.agent,
            "status": "auto" if acts else "review",
            "output": output,
            "reasons": [{"code": "unavailable", "text": f"Answered by the contract, without the server: {why}"}],
            "idempotency_key": key,
            "request": kept,
            "offline": True,
            "links": None,
        }

    def _keep(self, entry: Json) -> Steps[None]:
        """Put an entry into the spool. While it is full the caller waits, and each wait ends with a try to deliver."""
        while self.spool is not None:
            try:
                yield Do(functools.partial(self.spool.put, entry, timeout=_FULL_SECONDS))
            except SpoolFull:
                with contextlib.suppress(httpx.TransportError, CircuitOpen, Problem):
                    yield from self.drain(_AT_A_TIME)
            else:
                return

    def _cached(self) -> Steps[Json | None]:
        if self._contract is None and self.contract_file is not None:
            self._contract = yield Do(functools.partial(_read, self.contract_file))
        return self._contract

    def _wait_address(self, known: Mapping[str, Any] | Ticket | str, until: float) -> Steps[str | None]:
        """Return where a case is waited for; None when the server could not be asked in time."""
        if isinstance(known, Mapping) and (known.get("links") or {}).get("wait"):
            return str(known["links"]["wait"])
        if isinstance(known, Mapping):
            known = Ticket.of(known, agent=self.agent)
        while True:
            try:
                if isinstance(known, str) or known.decision:
                    found = yield from self.decision(known if isinstance(known, str) else str(known.decision))
                else:
                    # The same key and the same request give the same decision, whoever delivered it first.
                    found = yield from self._post(known.request or {}, known.idempotency_key or "")
                return str(found["links"]["wait"])
            except (httpx.TransportError, CircuitOpen, Problem) as fault:
                if _lasting(fault):
                    raise
                if time.monotonic() >= until:
                    return None
                yield Sleep(_SHORT_POLL)


def _lasting(fault: Exception) -> bool:
    """Say whether asking again later is no use: the server answered, and not that it is busy or away."""
    return isinstance(fault, Problem) and fault.status not in PASSING and fault.status < 500


def _away(problem: Problem, request: Mapping[str, Any]) -> bool:
    """Say whether a refusal means that the server is away. "Too many" does not: the contract wants the agent to come
    back later, and not to act; only what is done already is kept meanwhile."""
    return problem.status in PASSING and (problem.status != 429 or "record" in request)


def _final(problem: Problem) -> bool:
    """Say whether the server will never take a request; a key that is refused may be replaced."""
    return _lasting(problem) and problem.status not in {401, 403}


def _checked(response: httpx.Response, asked: float | None) -> httpx.Response:
    if response.status_code < 400:
        return response
    try:
        document = response.json()
    except ValueError:
        document = {"detail": response.text[:200]}
    raise Problem(document if isinstance(document, dict) else {}, response.status_code, retry_after=asked)


def _json(response: httpx.Response) -> Json:
    found: Json = response.json()
    return found


def _read(file: Path) -> Json | None:
    try:
        found: Json = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return found if {"version", "body"} <= found.keys() else None


def _replace(file: Path, text: str) -> None:
    """Write aside and rename, so that a reader sees the old text or the new one."""
    aside = file.with_suffix(f".{uuid4().hex}")
    aside.write_text(text, encoding="utf-8")
    aside.replace(file)


def moment(given: str | datetime) -> str:
    """Return a time as RFC 3339 writes it. Raises ValueError for one without a zone."""
    if isinstance(given, str):
        return given
    if given.tzinfo is None:
        raise ValueError("decided_at needs a time zone: datetime.now(UTC), say.")
    return given.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")  # noqa: TID251  # the agent's own clock is meant
