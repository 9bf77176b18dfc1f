"""From a running `make run` to the first decision that people have reviewed, through the SDK.

    .venv/bin/python -m agents.sdk.examples.first_hour             # one of the demo's simulated people reviews
    .venv/bin/python -m agents.sdk.examples.first_hour --by-hand   # you do, in the browser

The refund assistant wants to turn a customer down. The contract says that a person sees every denial first.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from ..client import Client
from ..tickets import Ticket

Json = dict[str, Any]

AGENT = "refund"
CASE: Json = {
    "message": "The lamp arrived with a cracked shade. I threw the receipt away with the box, sorry!",
    "item": "Desk lamp",
    "order_value": 64.0,
    "days_since_delivery": 3,
    "receipt_on_file": True,
    "photo_attached": True,
    "earlier_refunds": 0,
}
PROPOSAL: Json = {
    "output": {"action": "deny", "amount": None, "message": "Without a receipt we cannot pay anything back."},
    "confidence": 0.71,
    "model": "refund-assistant-3",
    "prompt_id": "refund/7",
}
BETTER: Json = {
    "action": "refund",
    "amount": 64.0,
    "message": "We are sorry about the shade. You get 64.00 EUR back within three working days.",
}
WHY = "The order is in the customer's account, so no receipt is needed, and the photo shows the damage."
PATIENCE = 120.0


class Unready(Exception):
    """The product is not there, or not with its demo; the text says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the whole way once and print it; return 0 when the people's answer came back, else 1."""
    given = _parser().parse_args(arguments)
    began = time.monotonic()
    try:
        settled = walk(given.url.rstrip("/"), given.demo, by_hand=given.by_hand)
    except Unready as fault:
        print(f"first hour: {fault}")
        return 1
    if settled is None:
        print("Nobody has settled it yet. The ticket above keeps: wait for it again at any time.")
        return 1
    print(f"4. The answer came back ({settled['source']}): {json.dumps(settled['output'])}")
    print(f"Done in {time.monotonic() - began:.1f} s.")
    return 0


def walk(url: str, demo: Path, *, by_hand: bool = False) -> Json | None:
    """Ask, keep a ticket, have people review, and wait as another process would; return what they made of it.

    Raises:
        Unready: there is no running product at `url`, or `demo` is not its file of keys.
    """
    keys = _ready(url, demo)
    key = keys[f"program:{AGENT}"]
    with tempfile.TemporaryDirectory(prefix="first-hour-") as folder:
        state, stored = Path(folder) / "state", Path(folder) / "ticket.json"
        reference = f"first-hour-{time.time_ns()}"

        # What an agent does: it says what it would do, and acts only on what it is told.
        with Client(url, key=key, agent=AGENT, state=state) as client:
            terms = client.contract()["failure"]["on_unavailable"]
            print(f"1. Connected. If the server goes away, the contract says: {terms['do']}.")
            decision = client.propose(CASE, PROPOSAL, case_ref=reference, idempotency_key=reference)
            reasons = "; ".join(reason["text"] for reason in decision["reasons"])
            print(f"2. Decision {decision['id']} is for {decision['status']}: {reasons}")
            if decision["status"] == "auto":
                return client.wait(decision, seconds=PATIENCE)
            stored.write_text(client.ticket(decision).dumps(), encoding="utf-8")
            print(f"   Ticket: {stored.read_text(encoding='utf-8')}")

        if by_hand:
            print(f"3. Now you: sign in at {url} as a reviewer (names and passwords are in {demo}), open the")
            print(
                f"   case “{CASE['item']}” in the refund queue and correct it; a second reviewer must agree with you."
            )
        else:
            people = _review(url, keys, reference)
            print(f"3. Corrected by {' and '.join(people)}.")

        # What a process that was started later does: the ticket is all it needs.
        with Client(url, key=key, agent=AGENT, state=state) as later:
            return later.wait(
                Ticket.loads(stored.read_text(encoding="utf-8")), seconds=PATIENCE * (15 if by_hand else 1)
            )


def _ready(url: str, demo: Path) -> dict[str, str]:
    try:
        httpx.get(f"{url}/healthz", timeout=5).raise_for_status()
        keys: dict[str, str] = json.loads(demo.read_text(encoding="utf-8"))["keys"]
    except httpx.HTTPError:
        raise Unready(f"Nothing is ready at {url}: start the product with `make run`, or give --url.") from None
    except (OSError, ValueError, KeyError):
        raise Unready(f"{demo} holds no keys of the demo: give --demo, or seed it with `make run`.") from None
    if f"program:{AGENT}" not in keys:
        raise Unready(f"The demo in {demo} has no refund assistant: seed it again with `make reset` and `make run`.")
    return keys


def _review(url: str, keys: Mapping[str, str], reference: str) -> list[str]:
    """Have simulated reviewers correct the case, one a seat; return who did."""
    done: list[str] = []
    reviewers = sorted(name for name in keys if name.startswith("sim-") and name[4:].isdigit())
    with httpx.Client(base_url=f"{url}/api/v1/", timeout=30) as http:
        for person, task in zip(reviewers, _tasks(http, keys[reviewers[0]], reference), strict=False):
            headers = {"Authorization": f"Bearer {keys[person]}"}
            claimed = http.post(f"tasks/{task['id']}/claim", headers=headers, json={}).raise_for_status().json()
            body = {
                "token": claimed["token"],
                "verdict": "correct",
                "output": BETTER,
                "reason_code": "terms",
                "justification": WHY,
                "evidence": ["/receipt_on_file", "/photo_attached"],
                "confidence": 5,
                "time_spent_ms": 45_000,
            }
            http.post(f"tasks/{task['id']}/corrections", headers=headers, json=body).raise_for_status()
            done.append(person)
    return done


def _tasks(http: httpx.Client, key: str, reference: str) -> list[Json]:
    """Return the open review tasks of a case once the worker has made all of its seats."""
    headers = {"Authorization": f"Bearer {key}"}
    until = time.monotonic() + PATIENCE
    seen = 0
    while time.monotonic() < until:
        queues = http.get("queues", params={"agent": AGENT}, headers=headers).raise_for_status().json()
        found: list[Json] = []
        for queue in queues:
            listed = http.get(f"queues/{queue['id']}/tasks", params={"limit": 200}, headers=headers)
            found += [one for one in listed.raise_for_status().json()["tasks"] if one["case_ref"] == reference]
        # All seats of a case are made at once, so the same number twice is all of them.
        if found and len(found) == seen:
            return found
        seen = len(found)
        time.sleep(0.3)
    raise Unready(f"No review task was made within {PATIENCE:.0f} s: see `manage.py doctor` whether a worker runs.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="The first reviewed decision, through the SDK.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the product runs")
    parser.add_argument("--demo", type=Path, default=Path("var/demo.json"), help="the demo's people and keys")
    parser.add_argument("--by-hand", action="store_true", help="review in the browser instead")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
