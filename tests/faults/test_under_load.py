"""Everything is killed under load: every case is answered by contract, none is lost or doubled, counted at both ends.

What programs wrote down is compared with the decisions that are stored, the events in the log and the cases in the queue.
"""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any, LiteralString

import httpx
import psycopg
import pytest

from reviewapp.ops import places
from reviewapp.ops.demo import splits
from reviewapp.ops.simulate import api
from tests.faults.load import PATH, Decider, Ledger, load
from tests.stack import Stack, until

STORED = "SELECT case_ref, id::text, status FROM agents_decision WHERE case_ref LIKE 'LOAD-%'"
FLAGGED = """
    SELECT subject_id FROM events_event
    WHERE type = 'decision.flagged' AND subject_id IN
        (SELECT id::text FROM agents_decision WHERE case_ref LIKE 'LOAD-%')
"""
CASES = """
    SELECT task.decision_id::text, count(*) FROM corrections_task task
    JOIN agents_decision decision ON decision.id = task.decision_id
    WHERE decision.case_ref LIKE 'LOAD-%' GROUP BY 1
"""
# At SIGTERM PostgreSQL waits until every client has left; this is how its orderly stop is asked for.
ORDERLY = {"postgres": signal.SIGINT}
# Two reviewers look at each flagged case of the credit agent.
SEATS = 2


@pytest.fixture(scope="module")
def product() -> Iterator[Stack]:
    """A running product with its demo: agents, keys, policies."""
    with Stack.started() as running:
        until(lambda: "worker" in running.groups(), 60, lambda: running.output)
        yield running


@pytest.fixture(scope="module")
def decider(product: Stack) -> Iterator[Decider]:
    """The decide process beside it."""
    process = Decider(product)
    process.start()
    yield process
    process.end()


def rows(product: Stack, query: LiteralString) -> list[tuple[Any, ...]]:
    """Ask the product's database."""
    with psycopg.connect(places.find(product.state).database_url) as connection:
        return connection.execute(query).fetchall()


def hurt(product: Stack, name: str, number: signal.Signals) -> None:
    """End a child and wait until another has taken its place and the product answers."""
    # It may be on its way back already: a worker ends when the broker's socket is gone.
    until(lambda: name in product.groups(), 60, lambda: product.output)
    before = product.groups()[name]
    os.kill(before, number)
    until(lambda: product.groups().get(name) not in (None, before), 40, lambda: product.output)
    until(product.healthy, 40, lambda: product.output)


def test_kill__everything_in_turn_under_load__each_case_is_decided_once(product: Stack, decider: Decider) -> None:
    with load(product, [product.url, f"http://127.0.0.1:{decider.port}"], each=2) as ledger:
        for number in (signal.SIGKILL, signal.SIGTERM):
            for name in ("valkey", "worker", "web", "postgres"):
                before = len(ledger.answers)
                hurt(product, name, ORDERLY.get(name, number) if number == signal.SIGTERM else number)
                until(lambda before=before: len(ledger.answers) >= before + 20, 30, lambda: str(ledger.told))
            decider.end(number)
            time.sleep(0.5)
            decider.start()

    assert (ledger.wrong, ledger.unanswered) == ([], [])
    assert ledger.repeated, "nothing was under way when it was hurt"
    counted(product, ledger)
    repeated(product, ledger)
    # Asking again made nothing.
    counted(product, ledger)


def counted(product: Stack, ledger: Ledger) -> None:
    """Compare what programs were told with decisions, events and cases, each with its number."""
    told = sorted((ref, answer["id"], answer["status"]) for ref, answer in ledger.answers.items())
    assert sorted(rows(product, STORED)) == told
    assert sorted(subject for (subject,) in rows(product, FLAGGED)) == sorted(ledger.flagged)
    wanted = sorted((decision, SEATS) for decision in ledger.flagged)
    until(lambda: sorted(rows(product, CASES)) == wanted, 60, lambda: f"{rows(product, CASES)[:5]} {len(wanted)}")


def repeated(product: Stack, ledger: Ledger) -> None:
    """Ask again for what was asked more than once: the same decision each time."""
    key = api.read_keys(product.state / "demo.json")["program:credit"]
    stream = splits.credit().stream
    with httpx.Client(base_url=product.url, headers={"Authorization": f"Bearer {key}"}, timeout=20) as http:
        for ref in sorted(ledger.repeated):
            case = stream[int(ref.rsplit("-", 1)[1]) % len(stream)]
            body = case.request(case_ref=ref, unit=ref)
            answer = http.post(PATH, json=body, headers={"Idempotency-Key": ref})
            assert (answer.status_code, answer.json()["id"]) == (200, ledger.answers[ref]["id"])
