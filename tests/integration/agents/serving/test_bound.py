"""The contract's latency bound is kept when the feature store hangs, drips or is gone, and when rules would take long."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from agents.models import Decision
from agents.selectors import online
from agents.serving import features
from tests.factories import serving
from tests.factories.agents import LENDING
from tests.factories.decisions import decided
from tests.integration.agents.serving.test_features import Room

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_store")]

BOUND, SLACK = 0.12, 0.1
DENY = {"do": "deny", "output": {"action": "decline"}}
REVIEW = {"do": "review"}
NOTE = {"type": "string", "title": "Note", "maxLength": 2000}


def silent(line: socket.socket, stop: threading.Event) -> None:
    stop.wait(10)


def greets_then_hangs(line: socket.socket, stop: threading.Event) -> None:
    """Agrees to everything but says nothing of features."""
    while not stop.is_set() and (asked := line.recv(4096)):
        if b"HMGET" not in asked:
            line.sendall(b"+OK\r\n" * asked.count(b"*"))


def drips(line: socket.socket, stop: threading.Event) -> None:
    """Sends an endless answer, a byte at a time: no single wait is ever long."""
    line.recv(4096)
    line.sendall(b"+")
    while not stop.wait(0.02):
        line.sendall(b"x")


@contextmanager
def store(behave: Callable[[socket.socket, threading.Event], None] | None) -> Iterator[str]:
    """A server that takes connections and behaves badly; None: it does not even take them."""
    stop, threads = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0), backlog=1) as server:

        def serve() -> None:
            while not stop.is_set():
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=talk, args=(line,), daemon=True))
                threads[-1].start()

        def talk(line: socket.socket) -> None:
            with line, suppress(OSError):
                behave(line, stop)

        crowd = []
        if behave is None:
            # A full queue of connections: whoever comes now hears nothing at all.
            for _ in range(4):
                crowd.append(socket.socket())
                crowd[-1].setblocking(False)
                crowd[-1].connect_ex(server.getsockname())
        else:
            threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        finally:
            stop.set()
            server.close()
            for one in crowd:
                one.close()
            online.client.cache_clear()


def asked(room: Room) -> tuple[Decision, float]:
    began = time.perf_counter()
    row = room.ask()
    return row, time.perf_counter() - began


@pytest.mark.parametrize("behave", [silent, greets_then_hangs, drips, None])
def test_decision__feature_store_never_answers__on_timeout_answers_within_the_bound(behave, settings):
    room = Room(latency_ms=int(BOUND * 1000), failure={"on_timeout": DENY, "on_stale_features": REVIEW})
    room.ask()
    with store(behave) as settings.REDIS_URL:
        online.client.cache_clear()
        row, took = asked(room)

    assert took < BOUND + SLACK
    assert (row.output, row.status, row.arm) == (DENY["output"], "auto", "fallback")
    assert [reason["code"] for reason in row.reasons] == ["timeout"]
    assert "the contract allows 120 ms" in row.reasons[0]["text"]
    assert row.trace["source"] == "contract:deny"
    assert row.trace["features"][0]["status"] == "unavailable"
    assert 0 < row.latency_us < (BOUND + SLACK) * 1e6


def test_decision__store_hangs_longer_than_features_may_take__stale_terms_answer_in_time(settings):
    """There is time left for the answer: it is the features that are missing, not the answer that is late."""
    room = Room(latency_ms=1000, failure={"on_timeout": DENY, "on_stale_features": REVIEW})
    room.ask()
    settings.FEATURE_READ_SECONDS = 0.03
    with store(greets_then_hangs) as settings.REDIS_URL:
        online.client.cache_clear()
        row, took = asked(room)

    assert took < 0.03 + SLACK
    assert row.status == "review"
    assert "stale_features" in {reason["code"] for reason in row.reasons}


def test_decision__store_hangs_on_and_on__breaker_lets_answers_come_at_once(settings):
    room = Room(latency_ms=int(BOUND * 1000), failure={"on_timeout": DENY, "on_stale_features": REVIEW})
    room.ask()
    with store(silent) as settings.REDIS_URL:
        online.client.cache_clear()
        for _ in range(settings.FEATURE_BREAKER_FAILURES):
            asked(room)
        row, took = asked(room)
    features.breaker.succeeded()

    assert took < SLACK
    assert "stale_features" in {reason["code"] for reason in row.reasons}


@pytest.mark.parametrize("terms", [DENY, REVIEW])
def test_decision__rules_could_take_longer_than_is_left__on_timeout_answers_at_once(terms):
    schema = {**LENDING["input_schema"], "properties": {**LENDING["input_schema"]["properties"], "note": NOTE}}
    heavy = "input.note.matches('(a|b)*c')"
    rule = {"id": "G-1", "title": "Heavy", "when": heavy, "action": "review", "text": "Somebody looks."}
    world = serving.world(
        policy={"guardrails": [rule]}, latency_ms=1, failure={"on_timeout": terms}, input_schema=schema
    )

    row = Decision.objects.get(pk=decided(world, {**serving.GOOD_INPUT, "note": "b" * 1900}).pk)

    assert [reason["code"] for reason in row.reasons] == ["timeout"]
    assert "could take" in row.reasons[0]["text"]
    assert row.arm == "fallback"
    assert row.status == ("auto" if terms is DENY else "review")


def test_decision__same_rules_with_time__are_worked_out():
    schema = {**LENDING["input_schema"], "properties": {**LENDING["input_schema"]["properties"], "note": NOTE}}
    rule = {
        "id": "G-1",
        "title": "Heavy",
        "when": "input.note.matches('(a|b)*c')",
        "action": "review",
        "text": "Somebody looks.",
    }
    world = serving.world(policy={"guardrails": [rule]}, latency_ms=1000, input_schema=schema)

    row = decided(world, {**serving.GOOD_INPUT, "note": "b" * 1900})

    assert "timeout" not in {reason["code"] for reason in row.reasons}
    assert row.trace["rules"][0]["result"] == "false"
