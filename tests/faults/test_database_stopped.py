"""PostgreSQL stops: agents hear 503 and when to come back, at once; nothing is lost or doubled when it does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from reviewapp.ops import places
from reviewapp.ops.demo import datasets
from reviewapp.ops.simulate import api
from tests.stack import CHECKOUT, Stack, free_ports, until

SOON_SECONDS = 4.0


@pytest.fixture(scope="module")
def product() -> Iterator[Stack]:
    """A running product with its demo: agents, keys, policies."""
    with Stack.started() as running:
        yield running


@pytest.fixture(scope="module")
def decide_port(product: Stack) -> Iterator[int]:
    """The decide process beside it, on a port of its own."""
    port = free_ports()
    shared = places.read_environment(product.state / "stack.env")
    environ = {**os.environ, **shared, "DJANGO_SETTINGS_MODULE": "reviewapp.settings.decide"}
    argv = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--blocking-threads", "2", "--log-level", "warning", "--no-ws", "reviewapp.wsgi_decide:application"),
    )
    process = subprocess.Popen(argv, cwd=CHECKOUT, env=environ, start_new_session=True)
    try:
        until(lambda: _get(port, "/healthz") == 200, 30)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _get(port: int, path: str) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=20).status_code
    except httpx.TransportError:
        return 0


@contextmanager
def _stopped(product: Stack) -> Iterator[None]:
    """Stop PostgreSQL, and its supervisor for as long, which would start it again."""
    assert product.process is not None
    group = product.groups()["postgres"]
    product.process.send_signal(signal.SIGSTOP)
    try:
        os.kill(group, signal.SIGINT)
        # The stopped supervisor cannot reap it: what is left is a zombie without children.
        until(lambda: not (product.state / "pg" / "postmaster.pid").exists(), 20)
        yield
    finally:
        product.process.send_signal(signal.SIGCONT)


def _send(product: Stack, port: int, path: str, body: bytes, key: str = "") -> tuple[httpx.Response, float]:
    headers = {"Authorization": f"Bearer {api.read_keys(product.state / 'demo.json')['program:credit']}"}
    if key:
        headers["Idempotency-Key"] = key
    began = time.monotonic()
    answer = httpx.post(
        f"http://127.0.0.1:{port}/api/v1/agents/credit/{path}", content=body, headers=headers, timeout=20
    )
    return answer, time.monotonic() - began


def _case() -> bytes:
    return json.dumps({"input": datasets.credit()[0].input}).encode()


def test_postgres__stopped__is_503_with_retry_after_and_every_case_is_decided_once_in_the_end(
    product: Stack, decide_port: int
) -> None:
    ports, body = {"web": product.port, "decide": decide_port}, _case()
    for name, port in ports.items():
        assert _send(product, port, "decisions", body, f"before-{name}")[0].status_code == 201
    with _stopped(product):
        for name, port in ports.items():
            for path in ("decisions", "decisions/batch"):
                answer, seconds = _send(product, port, path, body, f"during-{name}")
                assert answer.status_code == 503, answer.text
                assert answer.headers["content-type"] == "application/problem+json"
                assert int(answer.headers["retry-after"]) > 0
                assert answer.json()["code"] == "database"
                assert seconds < SOON_SECONDS
        api_page = httpx.get(f"{product.url}/api/v1/agents", headers={"Authorization": "Bearer cs_x"}, timeout=20)
        assert api_page.status_code in {401, 503}
    for name, port in ports.items():
        until(lambda port=port: _send(product, port, "decisions", body)[0].status_code == 201, 60)
        again = [_send(product, port, "decisions", body, f"during-{name}")[0] for _ in range(2)]
        assert [one.status_code for one in again] == [201, 200]
        assert again[0].json()["id"] == again[1].json()["id"]
        repeated = _send(product, port, "decisions", body, f"before-{name}")[0]
        assert repeated.status_code == 200
    until(product.healthy, 60, lambda: product.output)
