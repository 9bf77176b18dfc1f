"""A Countersign for tests: in the same process, with the answers you script. No network, no database.

server = FakeServer(answers=[review(), auto({"action": "approve"})])
with server.client() as client:
    decision = client.propose({...}, {"output": {...}})
    server.settle(decision["id"], {"action": "decline"})
    client.wait(decision, seconds=1)
"""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import httpx

from .aio import AsyncClient
from .client import Client

Json = dict[str, Any]


def auto(output: Mapping[str, Any] | None = None) -> Json:
    """Return a scripted answer: done, with this output, or with the proposed one."""
    return {"status": "auto", "output": output}


def review(output: Mapping[str, Any] | None = None) -> Json:
    """Return a scripted answer: a person must look."""
    return {"status": "review", "output": output}


class FakeServer:
    """Answers as the API does: scripted answers first, then automatic ones with the proposed output."""

    def __init__(self, *, answers: Iterable[Json] = (), agent: str = "fake", contract: Json | None = None) -> None:
        """Serve one agent."""
        self.agent = agent
        self.contract: Json = contract or {
            "agent": agent,
            "version": 1,
            "failure": {"on_unavailable": {"do": "review"}},
        }
        self.answers = deque(answers)
        self.requests: list[httpx.Request] = []
        self.decisions: dict[str, Json] = {}
        self.resolutions: dict[str, Json] = {}
        self.down = False
        self._keys: dict[str, tuple[Json, str]] = {}
        self._failures: deque[httpx.Response] = deque()

    def client(self, **options: Any) -> Client:
        """Return a client that is connected to this server."""
        return Client(
            "http://fake", key="cs_fake", agent=self.agent, transport=httpx.MockTransport(self.handle), **options
        )

    def async_client(self, **options: Any) -> AsyncClient:
        """Return an async client that is connected to this server."""
        transport = httpx.MockTransport(self.handle)
        return AsyncClient("http://fake", key="cs_fake", agent=self.agent, transport=transport, **options)

    def fail(self, status: int, *, times: int = 1, retry_after: str | None = None) -> None:
        """Answer the next requests with a failure; `down = True` refuses connections instead."""
        headers = {"Retry-After": retry_after} if retry_after is not None else {}
        for _ in range(times):
            self._failures.append(httpx.Response(status, headers=headers, json={"detail": f"scripted {status}"}))

    def settle(self, decision_id: str, output: Mapping[str, Any] | None, *, source: str = "review") -> None:
        """Answer a decision as a person would."""
        self.resolutions[decision_id] = {
            "decision": decision_id,
            "agent": self.agent,
            "output": output,
            "source": source,
            "resolved_at": "2026-01-01T00:00:00Z",
        }

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.requests.append(request)
        if self.down:
            raise httpx.ConnectError("The fake server is down.", request=request)
        if self._failures:
            return self._failures.popleft()
        parts = request.url.path.strip("/").split("/")
        if request.method == "POST" and parts[-1] == "batch":
            return self._batch(request)
        if request.method == "POST" and parts[-1] == "decisions":
            return self._decide(request)
        if request.method == "GET" and parts[-1] == "resolution":
            found = self.resolutions.get(parts[-2])
            return httpx.Response(200, json=found) if found else httpx.Response(204)
        if request.method == "GET" and parts[-2] == "decisions" and parts[-1] in self.decisions:
            decision = self.decisions[parts[-1]]
            return httpx.Response(200, json={**decision, "resolution": self.resolutions.get(parts[-1])})
        if request.method == "GET" and parts[-1] == self.agent:
            return httpx.Response(200, json={"slug": self.agent, "contract": {"version": 1, "body": self.contract}})
        return httpx.Response(404, json={"code": "not_found", "detail": "The fake server has no such page."})

    def _batch(self, request: httpx.Request) -> httpx.Response:
        lines = []
        for number, content in enumerate(request.content.splitlines(), 1):
            body: Json = json.loads(content)
            answer = self._keyed(body, str(body.pop("idempotency_key", "")))
            told = "decision" if answer.status_code < 400 else "problem"
            lines.append(json.dumps({"line": number, "status": answer.status_code, told: answer.json()}))
        return httpx.Response(200, text="\n".join(lines))

    def _decide(self, request: httpx.Request) -> httpx.Response:
        return self._keyed(json.loads(request.content), request.headers.get("Idempotency-Key", ""))

    def _keyed(self, body: Json, key: str) -> httpx.Response:
        if key in self._keys:
            earlier, decision_id = self._keys[key]
            if earlier != body:
                problem = {"code": "idempotency_key_reused", "detail": "This key was used for another request."}
                return httpx.Response(409, json={**problem, "decision": decision_id})
            return httpx.Response(200, json=self.decisions[decision_id])
        decision = self._answer(body)
        if key:
            self._keys[key] = (body, decision["id"])
        self.decisions[decision["id"]] = decision
        if decision["status"] == "auto":
            self.settle(decision["id"], decision["output"], source="auto")
        return httpx.Response(201, json=decision)

    def _answer(self, body: Json) -> Json:
        told = body.get("record") or body.get("proposal") or {}
        scripted = auto() if body.get("record") or not self.answers else self.answers.popleft()
        decision_id = str(uuid4())
        address = f"agents/{self.agent}/decisions/{decision_id}"
        return {
            "id": decision_id,
            "agent": self.agent,
            "mode": "record" if body.get("record") else "propose" if body.get("proposal") else "decide",
            "status": scripted["status"],
            "output": scripted["output"] if scripted["output"] is not None else told.get("output"),
            "confidence": told.get("confidence"),
            "reasons": [],
            "case_ref": body.get("case_ref") or "",
            "contract": {"version": 1},
            "links": {
                "self": f"http://fake/api/v1/{address}",
                "wait": f"http://fake/live/v1/{address}/resolution",
            },
        }
