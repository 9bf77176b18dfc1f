"""Functions whose answers people may correct."""

import asyncio
from typing import Any

import pytest

from agents.sdk import Pending, Problem, countersigned
from agents.sdk.testing import FakeServer, auto, review


def test_countersigned__policy_is_sure__returns_the_output() -> None:
    server = FakeServer(answers=[auto()])
    with server.client() as client:

        @countersigned(client)
        def refund(order: str, amount: float = 5.0) -> dict[str, Any]:
            """Refund."""
            return {"refund": amount}

        assert refund("o-1") == {"refund": 5.0}
        assert refund.__doc__ == "Refund."
    [request] = server.requests
    assert b'"input":{"order":"o-1","amount":5.0}' in request.content


def test_countersigned__people_correct__returns_their_answer() -> None:
    server = FakeServer(answers=[review()])
    with server.client() as client:

        @countersigned(client, seconds=5)
        def refund(order: str) -> dict[str, Any]:
            return {"refund": 5.0}

        handle = server.handle

        def settling(request: Any) -> Any:
            answer = handle(request)
            if request.method == "POST":
                server.settle(answer.json()["id"], {"refund": 0.0})
            return answer

        client._http._transport.handler = settling  # type: ignore[attr-defined]
        assert refund("o-1") == {"refund": 0.0}


def test_countersigned__called_again_after_a_crash_with_another_answer__finds_the_first_case() -> None:
    server = FakeServer(answers=[review(), review()])
    answers = iter([1.0, 2.0])
    with server.client() as client:

        @countersigned(client, case_ref=lambda order: order, seconds=0.05)
        def refund(order: str) -> dict[str, Any]:
            return {"refund": next(answers)}

        with pytest.raises(Pending) as first:
            refund("o-1")
        [decision_id] = server.decisions
        assert first.value.ticket.decision == decision_id
        server.settle(decision_id, {"refund": 0.5})
        assert refund("o-1") == {"refund": 0.5}
    assert len(server.decisions) == 1


def test_countersigned__server_refuses__raises() -> None:
    server = FakeServer()
    server.fail(422)
    with server.client() as client, pytest.raises(Problem):
        countersigned(client)(lambda order: {})(1)


def test_countersigned__async_function__is_awaited() -> None:
    async def go() -> None:
        server = FakeServer(answers=[auto({"refund": 9.0})])
        async with server.async_client() as client:

            @countersigned(client)
            async def refund(order: str) -> dict[str, Any]:
                return {"refund": 5.0}

            assert await refund("o-1") == {"refund": 9.0}

    asyncio.run(go())


def test_countersigned__wrong_kind_of_client__is_said_when_decorating() -> None:
    server = FakeServer()

    async def slow() -> None: ...

    with pytest.raises(TypeError, match="AsyncClient"):
        countersigned(server.client())(slow)
    with pytest.raises(TypeError, match="plain function"):
        countersigned(server.async_client())(lambda: None)
