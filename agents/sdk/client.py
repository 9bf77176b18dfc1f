"""The client: one kept connection, safe repeats, problems as exceptions. Imports nothing of the server."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import httpx

Json = dict[str, Any]

# A proxy that is restarting answers these; with an idempotency key asking again is safe.
_PASSING = {502, 503, 504}
_LONGEST_POLL = 25.0


class Problem(Exception):
    """The server refused; `errors` maps each faulty field's dotted path to its mend."""

    def __init__(self, document: Mapping[str, Any], status: int) -> None:
        """Keep what the problem document says."""
        self.status = status
        self.code = str(document.get("code", ""))
        self.detail = str(document.get("detail", "") or document.get("title", "") or f"status {status}")
        self.errors = {str(one["path"]): str(one["message"]) for one in document.get("errors", ())}
        super().__init__(self.detail)


class Client:
    """One agent's access to the decision service. Use it as a context manager, from one thread at a time."""

    def __init__(
        self,
        base_url: str,
        *,
        key: str,
        agent: str,
        timeout: float = 10.0,
        retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connect to `base_url` with the agent's API key; `timeout` is seconds per request."""
        self._path = f"/api/v1/agents/{quote(agent, safe='')}"
        self._retries = retries
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

        Every call carries an idempotency key, so a repeat after a lost answer gives the same decision.
        """
        body = {"input": case, "proposal": proposal, "case_ref": case_ref, "unit": unit}
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        given = {name: value for name, value in body.items() if value is not None}
        return self._json(self._send("POST", f"{self._path}/decisions", json=given, headers=headers))

    def decision(self, decision_id: str) -> Json:
        """Return a decision with its resolution, which is None while people have not settled it. Raises `Problem`."""
        return self._json(self._send("GET", f"{self._path}/decisions/{decision_id}"))

    def wait(self, decision: Mapping[str, Any], *, seconds: float) -> Json | None:
        """Return what people make of a decision, or None when they have not settled it within `seconds`.

        Holds one request open at a time, at the address the decision names. Raises `Problem`.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            poll = min(left, _LONGEST_POLL)
            response = self._send("GET", decision["links"]["wait"], params={"wait": f"{poll:.2f}"}, timeout=poll + 10)
            if response.status_code == 200:
                return self._json(response)
        return None

    def trials(self, cases: Sequence[Mapping[str, Any]]) -> Json:
        """Return what the live policy would answer to up to 1,000 cases of {input, proposal}; nothing is recorded."""
        return self._json(self._send("POST", f"{self._path}/trials", json={"cases": list(cases)}))

    def _send(self, verb: str, path: str, **options: Any) -> httpx.Response:
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                response = self._http.request(verb, path, **options)
            except httpx.TransportError:
                if last:
                    raise
            else:
                if response.status_code not in _PASSING or last:
                    return self._checked(response)
            time.sleep(0.2 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    @staticmethod
    def _checked(response: httpx.Response) -> httpx.Response:
        if response.status_code < 400:
            return response
        try:
            document = response.json()
        except ValueError:
            document = {"detail": response.text[:200]}
        raise Problem(document if isinstance(document, dict) else {}, response.status_code)

    @staticmethod
    def _json(response: httpx.Response) -> Json:
        found: Json = response.json()
        return found
