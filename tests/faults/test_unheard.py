"""What breaks without a process dying: a store that hangs, notices that nobody hears. Seen on the web and the decide process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from reviewapp.ops import places
from reviewapp.ops.demo import splits
from reviewapp.ops.simulate import api
from tests.faults.load import PATH, Decider, load
from tests.stack import CHECKOUT, Stack, until

READ = """
    SELECT split_part(case_ref, '-', 2)::int, trace->'features'->0->>'status', latency_us
    FROM agents_decision WHERE case_ref LIKE 'LOAD-%' ORDER BY id
"""
# Longer than two pauses of the breaker; a read waits 25 ms, and every thread of a process may be in one when it opens.
HANGS_SECONDS, PAUSE_SECONDS, WAITED_US, THREADS = 5.0, 2.0, 24_000, 8
# The second in which a process looks by itself, its answer, and a machine that has other things to do.
FOLLOWS_SECONDS = 1.5

# Says the agent's policy again under another number, and tells nobody.
QUIET = """
import django; django.setup()
from agents.models import Slot
from agents.services import slots
from reviewapp.core.accounts import actors
slots._notify = lambda slot: None
found = Slot.objects.get(agent__slug="credit")
slots.switch(agent_id=found.agent_id, stable=(found.stable_id, {number}), by=actors.SYSTEM)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[Stack]:
    """A running product with its demo."""
    with Stack.started() as running:
        yield running


@pytest.fixture(scope="module")
def decider(product: Stack) -> Iterator[Decider]:
    """The decide process beside it."""
    process = Decider(product)
    process.start()
    yield process
    process.end()


def test_store_hangs__breaker_opens_and_closes_under_traffic__in_web_and_decide(
    product: Stack, decider: Decider
) -> None:
    valkey = product.groups()["valkey"]
    with load(product, [product.url, f"http://127.0.0.1:{decider.port}"], each=2) as ledger:
        until(lambda: len(ledger.answers) >= 40, 30)
        os.kill(valkey, signal.SIGSTOP)
        try:
            time.sleep(HANGS_SECONDS)
        finally:
            os.kill(valkey, signal.SIGCONT)
        time.sleep(PAUSE_SECONDS + 2.0)
        before = len(ledger.answers)
        until(lambda: len(ledger.answers) >= before + 40, 30)

    assert (ledger.wrong, ledger.unanswered) == ([], [])
    with psycopg.connect(places.find(product.state).database_url) as connection:
        rows = connection.execute(READ).fetchall()
    for place in (0, 1):
        own = [(status, latency) for origin, status, latency in rows if origin == place]
        told = [status for status, _ in own]
        # Not each: on a busy machine one read in hundreds is given up.
        assert "fresh" in told[:15], "read before"
        assert told[-15:].count("fresh") > 10, "and read again by itself"
        away = [latency for status, latency in own if status != "fresh"]
        # Open: nearly everybody goes on without waiting. Half open: one waits for all, once a pause.
        waited = [latency for latency in away if latency >= WAITED_US]
        assert len(away) > 2 * len(waited), away
        assert 1 <= len(waited) <= 5 + THREADS + HANGS_SECONDS // PAUSE_SECONDS + 1, waited


def test_switch__nobody_hears_of_it__reaches_web_and_decide_by_the_look_alone(product: Stack, decider: Decider) -> None:
    shared = places.read_environment(product.state / "stack.env")
    environ = {**product.variables(), **shared, "DJANGO_SETTINGS_MODULE": "reviewapp.settings.dev"}
    key = api.read_keys(product.state / "demo.json")["program:credit"]
    case = splits.credit().stream[0].request()

    def version(origin: str) -> int:
        answer = httpx.post(origin + PATH, json=case, headers={"Authorization": f"Bearer {key}"}, timeout=20)
        found: int = answer.json()["policy"]["version"]
        return found

    origins = [product.url, f"http://127.0.0.1:{decider.port}"]
    for number in (71, 72):
        # Both have the slot, watched and confirmed.
        [version(origin) for origin in origins]
        subprocess.run([sys.executable, "-c", QUIET.format(number=number)], cwd=CHECKOUT, env=environ, check=True)
        switched = time.monotonic()
        for origin in origins:
            until(lambda origin=origin, number=number: version(origin) == number, 5)
        assert time.monotonic() - switched < FOLLOWS_SECONDS
