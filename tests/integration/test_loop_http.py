"""The whole loop over HTTP, on the running product: decided, flagged, corrected, countersigned, settled, learned, released.

Five people take part, each with a key of their own; nobody touches the database.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from agents.sdk import Client
from reviewapp.ops.demo import datasets, splits
from reviewapp.ops.simulate import api, releasing
from reviewapp.ops.simulate.api import Api, Refused
from tests.stack import Stack, until

WORDS = "The guarantor and the real estate carry this loan; the history in the file is four years old."
PLAN = [{"share_bp": 3000, "min_decisions": 0, "min_minutes": 0}]


@pytest.fixture
def product(stack: Stack) -> Iterator[Api]:
    """The product's API with everyone's keys, and no roll-out of the credit agent under way."""
    with Api(stack.url, api.read_keys(stack.state / "demo.json")) as connection:
        releasing.clear_the_way(connection, "credit")
        yield connection


@pytest.fixture
def program(product: Api) -> Iterator[Client]:
    """The credit agent's own program."""
    with Client(product.url, key=product.keys["program:credit"], agent="credit") as client:
        yield client


def test_loop__large_decline_turned_into_approval__reaches_the_next_decisions(product: Api, program: Client) -> None:
    before = product.get("sim-builder", "agents/credit")["slot"]["live_version"]
    example, decision = declined_and_large(program)

    # Two reviewers say independently that it should have been approved; each needs a risk officer's signature.
    approved = datasets.credit_answer("approve", example.input["credit_amount"])
    raised = [
        correct(product, who, task, approved)
        for who, task in zip(("sim-01", "sim-02"), seats(product, decision), strict=True)
    ]
    assert all(one["escalation"] for one in raised)
    with pytest.raises(Refused) as refused:
        countersign(product, "sim-01", raised[0])
    assert refused.value.status == 403
    assert program.decision(decision["id"])["resolution"] is None
    for one in raised:
        assert countersign(product, "sim-officer", one)["state"] == "approved"

    # What they agree on is the agent's answer, for whoever waits for it.
    resolution = program.wait(decision, seconds=30)
    assert resolution is not None
    assert (resolution["output"], resolution["source"]) == (approved, "escalation")

    # The learner makes a version of it; whoever asked for it cannot approve it.
    version = built(product)
    assert version["parent"]["number"] == before
    path = f"versions/{version['id']}"
    product.post("sim-builder", f"{path}/submit", {"plan": PLAN})
    signature = {"verdict": "approved", "rationale": "Read; inconclusive gates are accepted for this rehearsal."}
    with pytest.raises(Refused) as refused:
        product.post("sim-builder", f"{path}/approval", signature)
    assert refused.value.status == 403
    assert product.post("sim-approver", f"{path}/approval", signature)["state"] == "approved"

    # A share of the traffic first, always the same share, then all of it.
    release = product.post("sim-builder", f"{path}/release")
    assert release["state"] == "canary"
    until(lambda: arms(program, example) == {"stable", "canary"}, 15)
    assert product.post("sim-builder", f"releases/{release['id']}/advance")["state"] == "live"
    until(lambda: ask(program, example)["policy"]["version"] == version["number"], 5)
    after = ask(program, example)
    assert after["policy"]["digest"] == version["digest"]
    assert after["score"] != decision["score"]

    # One call takes it back, and every serving process follows within a second.
    product.post("sim-builder", f"releases/{release['id']}/rollback", {"rationale": "The rehearsal is over."})
    took = until(lambda: ask(program, example)["policy"]["version"] == before, 5)
    assert took < 2


def test_review__lease_lost__is_a_conflict_and_what_was_written_stays(product: Api, program: Client) -> None:
    _, decision = flagged(program, lambda tried: True)
    task = seats(product, decision)[0]
    claimed = product.post("sim-03", f"tasks/{task['id']}/claim")
    product.post("sim-03", f"tasks/{task['id']}/release", {"token": claimed["token"]})
    again = product.post("sim-04", f"tasks/{task['id']}/claim")
    assert again["token"] > claimed["token"]
    late = {"token": claimed["token"], "verdict": "agree", "justification": WORDS}
    with pytest.raises(Refused) as refused:
        product.post("sim-03", f"tasks/{task['id']}/corrections", late)
    assert (refused.value.status, refused.value.code) == (409, "lease_lost")
    assert product.get("sim-03", f"tasks/{task['id']}")["draft"]["justification"] == WORDS
    product.post("sim-04", f"tasks/{task['id']}/release", {"token": again["token"]})


def test_decide__same_key__same_decision_and_other_body_a_conflict(product: Api) -> None:
    example = splits.credit().stream[0]
    path, who, key = "agents/credit/decisions", "program:credit", f"loop-{time.time_ns()}"
    first = product.post(who, path, example.request(), key=key)
    assert product.post(who, path, example.request(), key=key)["id"] == first["id"]
    with pytest.raises(Refused) as refused:
        product.post(who, path, splits.credit().stream[1].request(), key=key)
    assert refused.value.status == 409


def test_explanation__contributions__add_up_to_the_score(program: Client) -> None:
    told = ask(program, splits.credit().stream[2])["explanation"]
    points = [one["points"] for one in told["contributions"]]
    assert told["score"] == pytest.approx(told["intercept"] + sum(points), abs=1e-9)


def ask(program: Client, example: datasets.Example) -> dict[str, Any]:
    """Ask for a decision on a case, as a new applicant each time."""
    name = f"loop-{time.time_ns()}"
    return program.decide(example.input, unit=name, case_ref=name)


def arms(program: Client, example: datasets.Example) -> set[str]:
    """Return the arms that thirty applicants fall into."""
    return {ask(program, example)["arm"] for _ in range(30)}


def flagged(program: Client, wanted: Callable[[dict[str, Any]], bool]) -> tuple[datasets.Example, dict[str, Any]]:
    """Ask for decisions until one that is `wanted` is flagged."""
    for example in splits.credit().stream:
        # A trial costs nothing: only the case that will do becomes a decision.
        tried = program.trials([{"input": example.input}])["results"][0]
        if tried["status"] != "auto" and wanted({**tried, "input": example.input}):
            return example, ask(program, example)
    raise AssertionError("no case of the stream is flagged as wanted")


def declined_and_large(program: Client) -> tuple[datasets.Example, dict[str, Any]]:
    """Return a flagged decline of more than 7,500 DM: approving it needs a second person."""
    return flagged(
        program, lambda tried: tried["output"]["decision"] == "decline" and tried["input"]["credit_amount"] > 7500
    )


def seats(product: Api, decision: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the review tasks of a decision once the worker has opened both."""
    queue = next(one for one in product.get("sim-01", "queues", agent="credit") if one["kind"] == "standard")
    found: list[dict[str, Any]] = []

    def opened() -> bool:
        listed = product.get("sim-01", f"queues/{queue['id']}/tasks", limit=200)["tasks"]
        found[:] = [task for task in listed if task["case_ref"] == decision["case_ref"]]
        return len(found) == 2

    until(opened, 30)
    return found


def correct(product: Api, who: str, task: dict[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """Claim a task and correct the decision behind it."""
    claimed = product.post(who, f"tasks/{task['id']}/claim")
    body = {
        "token": claimed["token"],
        "verdict": "correct",
        "output": output,
        "reason_code": "security_ignored",
        "justification": WORDS,
        "evidence": ["/other_debtors", "/property"],
        "confidence": 4,
        "time_spent_ms": 90_000,
    }
    found: dict[str, Any] = product.post(who, f"tasks/{task['id']}/corrections", body)
    return found


def countersign(product: Api, who: str, raised: dict[str, Any]) -> dict[str, Any]:
    """Approve an escalated correction."""
    body = {"verdict": "approved", "rationale": "The security carries it."}
    found: dict[str, Any] = product.post(who, f"escalations/{raised['escalation']}/decision", body)
    return found


def built(product: Api) -> dict[str, Any]:
    """Have a version built and return it, evaluated."""
    build = product.post("sim-builder", "agents/credit/builds", {"reason": "The loop over HTTP"})
    state: dict[str, Any] = {}

    def finished() -> bool:
        state.update(product.get("sim-builder", f"builds/{build['id']}"))
        return state["state"] not in {"queued", "running"}

    until(finished, 90)
    assert state["state"] == "succeeded", state
    version: dict[str, Any] = product.get("sim-builder", f"versions/{state['version']['id']}")
    assert version["state"] == "evaluated"
    return version


def test_health__running_product__says_so(stack: Stack) -> None:
    answer = httpx.get(f"{stack.url}/healthz", timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
