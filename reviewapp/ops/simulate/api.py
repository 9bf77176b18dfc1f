"""The public HTTP API as simulated people and programs use it: a key each, repeats where they are safe."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from reviewapp.ops.simulate.faults import SimulationError

Json = dict[str, Any]

_PASSING = {429, 502, 503, 504}
_ATTEMPTS = 6


class Refused(Exception):
    """The product said no; `code` is the problem's code, the text its detail."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        """Keep what the problem document says."""
        self.status = status
        self.code = str(problem.get("code", ""))
        faults = "; ".join(f"{one['path']}: {one['message']}" for one in problem.get("errors") or ())
        detail = str(problem.get("detail") or problem.get("title") or f"status {status}")
        super().__init__(f"{detail} {faults}".strip())


class Api:
    """One connection pool to the running product, safe for threads. `keys` are raw API keys by holder."""

    def __init__(self, url: str, keys: Mapping[str, str], *, transport: httpx.BaseTransport | None = None) -> None:
        """Connect to the origin `url` when the first request is sent."""
        self.url = url.rstrip("/")
        self.keys = dict(keys)
        agent = {"User-Agent": "countersign-simulate"}
        self._http = httpx.Client(base_url=self.url, timeout=30.0, headers=agent, transport=transport)

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._http.close()

    def check(self) -> None:
        """See that the product answers. Raises `SimulationError` with what to do."""
        try:
            response = self._http.get("/healthz", timeout=5.0)
        except httpx.TransportError:
            raise SimulationError(f"Nothing answers at {self.url}: start the product with `make run`.") from None
        if response.status_code != 200:
            raise SimulationError(f"{self.url}/healthz says it is not ready: see `manage.py doctor`.")

    def get(self, who: str, path: str, **query: Any) -> Any:
        """Read `path` as `who`. Raises `Refused`."""
        return self._send("GET", who, path, params=query)

    def post(
        self, who: str, path: str, body: Mapping[str, Any] | None = None, *, key: str = "", repeat: bool = False
    ) -> Any:
        """Write to `path` as `who`. Raises `Refused`.

        After a lost answer it is sent again when an idempotency `key`, or `repeat`, says that twice is once.
        """
        headers = {"Idempotency-Key": key} if key else {}
        return self._send("POST", who, path, json=dict(body or {}), headers=headers, repeat=repeat or bool(key))

    def put(self, who: str, path: str, body: Mapping[str, Any]) -> Any:
        """Replace what is at `path` as `who`. Raises `Refused`."""
        return self._send("PUT", who, path, json=dict(body))

    def _send(
        self,
        verb: str,
        who: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        repeat: bool = True,
        **rest: Any,
    ) -> Any:
        sent = {**(headers or {}), "Authorization": f"Bearer {self._key(who)}"}
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = self._http.request(verb, f"/api/v1/{path}", headers=sent, **rest)
            except httpx.ConnectError as fault:
                if attempt == _ATTEMPTS:
                    raise SimulationError(f"{self.url} does not answer any more ({fault}).") from None
            except httpx.TransportError as fault:
                if attempt == _ATTEMPTS or not repeat:
                    raise SimulationError(f"{verb} {path} got no answer ({fault}).") from None
            else:
                if response.status_code not in _PASSING or attempt == _ATTEMPTS:
                    return _read(response)
            time.sleep(0.2 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _key(self, who: str) -> str:
        if who not in self.keys:
            raise SimulationError(f"The demo has no key for {who}: seed it again with `make reset` and `make run`.")
        return self.keys[who]


def read_keys(path: Path) -> dict[str, str]:
    """Return the demo's keys by holder. Raises `SimulationError` when there are none."""
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))["keys"]
    except (OSError, ValueError, KeyError):
        raise SimulationError(
            f"There are no simulated people in {path}: start the product with its demo (`make run`)."
        ) from None
    return {str(name): str(raw) for name, raw in keys.items()}


def _read(response: httpx.Response) -> Any:
    if response.status_code == 204:
        return None
    try:
        body = response.json()
    except ValueError:
        body = {"detail": f"{response.status_code} without JSON"}
    if response.status_code >= 400:
        raise Refused(response.status_code, body if isinstance(body, dict) else {})
    return body
