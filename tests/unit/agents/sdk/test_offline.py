"""A server that is away: the contract answers, the disk keeps, and the server learns of it later, once."""

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.sdk import Breaker, CircuitOpen, Client, Problem, Retries
from agents.sdk.testing import FakeServer, review

DENY = {"failure": {"on_unavailable": {"do": "deny", "output": {"action": "decline"}}}}
HASTY = Retries(count=0)
PROPOSAL = {"output": {"action": "approve"}, "confidence": 0.9}


def client(server: FakeServer, folder: Path, **options: Any) -> Client:
    """Return a client that keeps things in a folder and does not wait."""
    return server.client(state=folder, retries=HASTY, **options)


def test_decide__server_is_away_and_contract_says_review__waits_for_people_later(tmp_path: Path) -> None:
    server = FakeServer(answers=[review()])
    server.down = True
    with client(server, tmp_path) as agent:
        decision = agent.propose({"a": 1}, PROPOSAL)
        assert (decision["status"], decision["offline"], decision["id"]) == ("review", True, None)
        ticket = agent.ticket(decision).dumps()
    server.down = False

    with client(server, tmp_path) as later:
        assert later.drain() == 1
        [(decision_id, made)] = server.decisions.items()
        assert made["status"] == "review"
        server.settle(decision_id, {"action": "decline"})
        settled = later.wait(type(later.ticket(decision)).loads(ticket), seconds=2)
        assert settled is not None
        assert settled["output"] == {"action": "decline"}
    assert len(server.decisions) == 1


def test_decide__contract_says_deny__acts_and_the_server_learns_what_was_done(tmp_path: Path) -> None:
    server = FakeServer(contract=DENY)
    with client(server, tmp_path) as agent:
        agent.contract()
    server.down = True
    with client(server, tmp_path) as agent:
        decision = agent.decide({"a": 1}, case_ref="c-1")
        assert (decision["status"], decision["output"]) == ("auto", {"action": "decline"})
        server.down = False
        assert agent.drain() == 1
    [made] = server.decisions.values()
    assert (made["mode"], made["output"], made["case_ref"]) == ("record", {"action": "decline"}, "c-1")


def test_decide__answer_was_lost_and_agent_acted_alone__both_are_told(tmp_path: Path) -> None:
    server = FakeServer(contract=DENY, answers=[review({"action": "approve"})])
    with client(server, tmp_path) as agent:
        agent.contract()
        handle = server.handle

        def lose(request: httpx.Request) -> httpx.Response:
            handle(request)
            raise httpx.ReadTimeout("the answer was lost", request=request)

        agent._http._transport = httpx.MockTransport(lose)
        assert agent.decide({"a": 1}, idempotency_key="k")["offline"]
        agent._http._transport = httpx.MockTransport(handle)
        assert agent.drain() == 1
        assert agent.drain() == 0
    assert [one["mode"] for one in server.decisions.values()] == ["decide", "record"]


def test_decide__server_is_back__kept_ones_ride_along(tmp_path: Path) -> None:
    server = FakeServer()
    server.down = True
    with client(server, tmp_path, breaker=Breaker(threshold=100)) as agent:
        for number in range(5):
            agent.decide({"n": number})
        server.down = False
        agent.decide({"n": 5})
        assert len(server.decisions) == 4
        agent.decide({"n": 6})
        assert len(server.decisions) == 7
    asked = [json.loads(one.content)["input"]["n"] for one in server.requests[5:] if one.method == "POST"]
    assert asked == [5, 0, 1, 2, 6, 3, 4]


def test_decide__server_asks_to_wait_longer_than_the_patience__is_kept(tmp_path: Path) -> None:
    server = FakeServer()
    server.fail(503, retry_after="3600")
    with client(server, tmp_path) as agent:
        decision = agent.decide({"a": 1})
    assert decision["offline"]
    assert "scripted 503" in decision["reasons"][0]["text"]


def test_decide__too_many_wait_for_people__is_raised_and_nothing_is_done_in_their_place(tmp_path: Path) -> None:
    server = FakeServer(contract=DENY)
    with client(server, tmp_path) as agent:
        agent.contract()
        server.fail(429, retry_after="3600")
        with pytest.raises(Problem) as caught:
            agent.decide({"a": 1})
        assert (caught.value.status, caught.value.retry_after) == (429, 3600)
        assert agent.drain() == 0
        server.fail(429, retry_after="3600")
        assert agent.record({"a": 1}, PROPOSAL, decided_at="2026-01-01T00:00:00Z")["offline"]
        assert agent.drain() == 1


def test_decide__server_answered_once__its_contract_is_known_for_later(tmp_path: Path) -> None:
    server = FakeServer(contract=DENY)
    with client(server, tmp_path) as agent:
        agent.decide({"a": 1})
        agent.decide({"a": 2})
    assert [one.method for one in server.requests] == ["POST", "GET", "POST"]
    server.down = True
    with client(server, tmp_path) as agent:
        assert agent.decide({"a": 3})["output"] == {"action": "decline"}


def test_contract__server_is_busy__is_as_last_seen(tmp_path: Path) -> None:
    server = FakeServer(contract=DENY)
    with client(server, tmp_path) as agent:
        agent.contract()
        server.fail(503)
        assert agent.contract() == DENY
        server.fail(403)
        with pytest.raises(Problem):
            agent.contract()


def test_decide__server_refuses__is_no_matter_for_the_spool(tmp_path: Path) -> None:
    server = FakeServer()
    server.fail(422)
    with client(server, tmp_path) as agent, pytest.raises(Problem):
        agent.decide({"a": 1})
    assert not list((tmp_path / "spool").glob("*.json"))


def test_drain__server_will_never_take_one__the_others_are_delivered(tmp_path: Path) -> None:
    server = FakeServer()
    server.down = True
    with client(server, tmp_path) as agent:
        agent.decide({"n": 0})
        agent.decide({"n": 1})
        server.down = False
        server.fail(422)
        assert agent.drain() == 2
        assert len(server.decisions) == 1
        assert agent._core.spool is not None
        assert [entry["request"]["input"] for entry in agent._core.spool.refused()] == [{"n": 0}]


def test_drain__server_falls_over_again__the_rest_stays(tmp_path: Path) -> None:
    server = FakeServer()
    server.down = True
    with client(server, tmp_path, breaker=Breaker(threshold=100)) as agent:
        for number in range(3):
            agent.decide({"n": number})
        server.down = False
        server.fail(503, retry_after="3600")
        with pytest.raises(Problem):
            agent.drain()
        assert agent.drain() == 3


def test_decide__spool_is_full__slows_down_until_the_server_is_back_and_loses_nothing(tmp_path: Path) -> None:
    server = FakeServer()
    server.down = True
    with client(server, tmp_path, breaker=Breaker(threshold=1000), spool_bytes=300) as agent:
        agent.decide({"n": "x" * 150})
        back = threading.Timer(0.5, lambda: setattr(server, "down", False))
        back.start()
        began = time.monotonic()
        assert agent.decide({"n": "y" * 150})["offline"]
        assert time.monotonic() - began > 0.4
        back.join()
        agent.drain()
    assert len(server.decisions) == 2


def test_decide__without_a_folder__raises(tmp_path: Path) -> None:
    server = FakeServer()
    server.down = True
    with server.client(retries=HASTY) as agent, pytest.raises(httpx.ConnectError):
        agent.decide({"a": 1})


def test_breaker__row_of_failures__nobody_waits_until_one_may_try() -> None:
    now = [0.0]
    server = FakeServer()
    server.down = True
    breaker = Breaker(threshold=2, cool=10, clock=lambda: now[0])
    with server.client(retries=HASTY, breaker=breaker) as agent:
        for _ in range(2):
            with pytest.raises(httpx.ConnectError):
                agent.decide({})
        with pytest.raises(CircuitOpen):
            agent.decide({})
        assert len(server.requests) == 2
        now[0] = 10.5
        with pytest.raises(httpx.ConnectError):
            agent.decide({})
        with pytest.raises(CircuitOpen):
            agent.decide({})
        server.down = False
        now[0] = 21
        assert agent.decide({})["status"] == "auto"
        assert agent.decide({})["status"] == "auto"


def test_async__server_is_away_and_comes_back__is_the_same(tmp_path: Path) -> None:
    async def go() -> None:
        server = FakeServer()
        server.down = True
        async with server.async_client(state=tmp_path, retries=HASTY) as agent:
            decision = await agent.decide({"a": 1})
            assert decision["offline"]
            server.down = False
            assert await agent.drain() == 1
            assert len(await agent.batch([{"input": {"n": n}} for n in range(3)])) == 3
        assert len(server.decisions) == 4

    asyncio.run(go())


def test_contract__asked_again__server_says_it_is_unchanged(tmp_path: Path) -> None:
    asked: list[str] = []
    body = {"slug": "fake", "contract": {"version": 1, "body": {"title": "One"}}}

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("If-None-Match", ""))
        known = asked[-1] == '"t-1"'
        return httpx.Response(304) if known else httpx.Response(200, json=body, headers={"ETag": '"t-1"'})

    for _ in range(2):
        with Client("http://fake", key="k", agent="fake", state=tmp_path, transport=httpx.MockTransport(handle)) as one:
            assert one.contract() == {"title": "One"}

    assert asked == ["", '"t-1"']
