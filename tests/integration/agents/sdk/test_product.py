"""The SDK against the running product: the first hour, waits that outlive a process, and what a killed agent had kept."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.sdk import Client, Pending, countersigned
from agents.sdk.examples import first_hour
from reviewapp.ops.demo import splits
from reviewapp.ops.simulate import api
from tests.stack import CHECKOUT, Stack, free_ports

WAITS = """
import sys
from agents.sdk import Client, Ticket
url, key, ticket = sys.argv[1:]
with Client(url, key=key, agent="refund") as client:
    print("waiting", flush=True)
    settled = client.wait(Ticket.loads(ticket), seconds=60)
    print(settled["output"]["action"])
"""

KEEPS = """
import sys
from agents.sdk import Client, Retries
from agents.sdk.examples.first_hour import CASE, PROPOSAL
url, key, folder, prefix = sys.argv[1:]
with Client(url, key=key, agent="refund", state=folder, retries=Retries(count=0)) as client:
    for number in range(10_000):
        decision = client.propose(CASE, PROPOSAL, case_ref=f"{prefix}{number}", idempotency_key=f"{prefix}{number}")
        print(number, decision["output"]["action"], flush=True)
"""


@pytest.fixture
def keys(stack: Stack) -> dict[str, str]:
    """Everybody's keys."""
    return api.read_keys(stack.state / "demo.json")


@pytest.fixture
def refunds(stack: Stack, keys: dict[str, str]) -> Iterator[Client]:
    """The refund assistant's own program."""
    with Client(stack.url, key=keys["program:refund"], agent="refund") as client:
        yield client


def program(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start an agent in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def test_first_hour__running_product__ends_with_a_reviewed_decision(stack: Stack) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "agents.sdk.examples.first_hour"),
            *("--url", stack.url, "--demo", str(stack.state / "demo.json")),
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is for review: A person sees every denial" in done.stdout
    assert "The answer came back (review): " + json.dumps(first_hour.BETTER) in done.stdout


def test_wait__process_is_killed__a_new_one_gets_the_answer_by_the_ticket(
    stack: Stack, keys: dict[str, str], refunds: Client
) -> None:
    reference = f"killed-{time.time_ns()}"
    decision = refunds.propose(first_hour.CASE, first_hour.PROPOSAL, case_ref=reference)
    ticket = refunds.ticket(decision).dumps()
    with program(WAITS, stack.url, keys["program:refund"], ticket) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "waiting\n"
        time.sleep(0.5)
        first.send_signal(signal.SIGKILL)

    assert first_hour._review(stack.url, keys, reference)
    with program(WAITS, stack.url, keys["program:refund"], ticket) as second:
        told, _ = second.communicate(timeout=70)
    assert told.split() == ["waiting", "refund"]


def test_spool__agent_is_killed_while_the_product_is_away__each_case_it_was_answered_arrives_once(
    stack: Stack, keys: dict[str, str], tmp_path: Path
) -> None:
    prefix, key = f"kept-{time.time_ns()}-", keys["program:refund"]
    with Client(stack.url, key=key, agent="refund", state=tmp_path) as client:
        client.contract()
        before = decided(client)
        # The product is away: nothing listens at this port.
        with program(KEEPS, f"http://127.0.0.1:{free_ports()}", key, str(tmp_path), prefix) as lost:
            assert lost.stdout is not None
            told = "".join(lost.stdout.readline() for _ in range(20))
            lost.send_signal(signal.SIGKILL)
            told += lost.stdout.read()
        answers = [line.split() for line in told[: told.rindex("\n")].splitlines()]
        assert {action for _, action in answers} == {"ask"}

        # What was on its way when the process died may have been kept without having been answered.
        assert client.drain() - len(answers) in {0, 1}
        made = decided(client) - before
        references = sorted(client.decision(one)["case_ref"] for one in made)
    assert len(references) == len({*references})
    assert {f"{prefix}{number}" for number, _ in answers} <= {*references}
    assert len(references) - len(answers) in {0, 1}


def decided(client: Client) -> set[str]:
    """Return the ids of all the agent's decisions."""
    found: set[str] = set()
    after: str | None = ""
    while after is not None:
        page: dict[str, Any] = client._http.get("/api/v1/agents/refund/decisions", params={"after": after}).json()
        found |= {row["id"] for row in page["decisions"]}
        after = page["after"] or None
    return found


def test_batch__good_and_bad_lines__a_result_each(stack: Stack, keys: dict[str, str]) -> None:
    cases = [{"input": example.input, "case_ref": f"batch-{time.time_ns()}"} for example in splits.credit().stream[:5]]
    with Client(stack.url, key=keys["program:credit"], agent="credit") as client:
        results = client.batch([*cases, {"input": {"purpose": "boat"}}])
    assert [one["line"] for one in results] == [1, 2, 3, 4, 5, 6]
    assert [one["status"] for one in results] == [201] * 5 + [422]


def test_countersigned__program_starts_anew__finds_what_people_made_of_the_case(
    stack: Stack, keys: dict[str, str], refunds: Client
) -> None:
    reference = f"decorated-{time.time_ns()}"

    @countersigned(
        refunds,
        case=lambda: first_hour.CASE,
        proposal=lambda output: {**first_hour.PROPOSAL, "output": output},
        case_ref=lambda: reference,
        seconds=20,
    )
    def answer() -> dict[str, Any]:
        return dict(first_hour.PROPOSAL["output"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refunds, "wait", lambda decision, seconds: None)
        with pytest.raises(Pending) as pending:
            answer()
    assert pending.value.ticket.decision
    first_hour._review(stack.url, keys, reference)
    assert answer() == first_hour.BETTER


def test_first_hour__nothing_runs__says_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = ["--url", f"http://127.0.0.1:{free_ports()}", "--demo", str(tmp_path / "demo.json")]
    assert first_hour.main(given) == 1
    assert "start the product with `make run`" in capsys.readouterr().out
