"""Programs that ask for decisions while something breaks, and what they wrote down."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from agents.sdk.retries import PASSING, retry_after
from reviewapp.ops import places
from reviewapp.ops.demo import splits
from reviewapp.ops.simulate import api
from tests.stack import CHECKOUT, Stack, free_ports, until

PATH = "/api/v1/agents/credit/decisions"
GIVE_UP_SECONDS = 90.0
# What a program waits when nobody was there to say how long, and between two cases of its own.
NOBODY_THERE_SECONDS, BREATH_SECONDS = 0.2, 0.02


@dataclass
class Decider:
    """The decide process, on a port of its own; what runs it in production starts it again."""

    stack: Stack
    port: int = field(default_factory=free_ports)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        shared = places.read_environment(self.stack.state / "stack.env")
        environ = {**os.environ, **shared, "DJANGO_SETTINGS_MODULE": "reviewapp.settings.decide"}
        argv = (
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--blocking-threads", "2", "--log-level", "warning", "--no-ws", "reviewapp.wsgi_decide:application"),
        )
        self.process = subprocess.Popen(argv, cwd=CHECKOUT, env=environ, start_new_session=True)
        until(self.healthy, 30)

    def healthy(self) -> bool:
        """Say whether it answers."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it: asked to with SIGTERM, or whole with SIGKILL as when the machine's memory runs out."""
        assert self.process is not None
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        self.process.wait(30)


@dataclass
class Ledger:
    """What programs were told: the answers that were confirmed, and everything that no contract allows."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    unanswered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    @property
    def flagged(self) -> set[str]:
        """The decisions that wait for people."""
        return {one["id"] for one in self.answers.values() if one["status"] != "auto"}


class Program(threading.Thread):
    """One program that sends cases to one origin, each until it is confirmed, waiting as long as it is told."""

    def __init__(self, name: str, origin: str, key: str, ledger: Ledger, stop: threading.Event) -> None:
        """Get ready to send with an API key."""
        super().__init__(name=name, daemon=True)
        self.origin, self.ledger, self.stop = origin, ledger, stop
        self.http = httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {key}"}, timeout=10)

    def run(self) -> None:
        """Send until stopped; the case at hand is brought to its end."""
        cases = itertools.cycle(splits.credit().stream)
        for number, case in enumerate(cases):
            if self.stop.is_set():
                break
            ref = f"LOAD-{self.name}-{number}"
            self.bring(ref, case.request(case_ref=ref, unit=ref))
            time.sleep(BREATH_SECONDS)
        self.http.close()

    def bring(self, ref: str, body: dict[str, Any]) -> None:
        """Send a case, again and again under one key, until its answer is there."""
        until_then = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < until_then:
            try:
                answer = self.http.post(PATH, json=body, headers={"Idempotency-Key": ref})
            except httpx.TransportError as fault:
                self.ledger.told[type(fault).__name__] += 1
                self.ledger.repeated.add(ref)
                time.sleep(NOBODY_THERE_SECONDS)
                continue
            self.ledger.told[str(answer.status_code)] += 1
            if answer.status_code in {200, 201}:
                self.confirm(ref, answer.json())
                return
            asked = retry_after(answer)
            if answer.status_code not in PASSING or not asked:
                self.ledger.wrong.append(f"{ref}: {answer.status_code} {answer.text[:300]}")
                return
            self.ledger.repeated.add(ref)
            time.sleep(asked)
        self.ledger.unanswered.append(ref)

    def confirm(self, ref: str, answer: dict[str, Any]) -> None:
        """Write an answer down, and see that it is one the contract knows."""
        served = answer["policy"] is not None or answer["arm"] == "fallback"
        if not served or (answer["status"] == "auto" and not answer["output"]):
            self.ledger.wrong.append(f"{ref}: {answer}")
        self.ledger.answers[ref] = answer


@contextmanager
def load(stack: Stack, origins: Sequence[str], *, each: int) -> Iterator[Ledger]:
    """Have programs send to every origin for as long as the block lasts, then until each has its last answer."""
    ledger, stop = Ledger(), threading.Event()
    key = api.read_keys(stack.state / "demo.json")["program:credit"]
    programs = [
        Program(f"{place}-{number}", origin, key, ledger, stop)
        for place, origin in enumerate(origins)
        for number in range(each)
    ]
    for program in programs:
        program.start()
    try:
        yield ledger
    finally:
        stop.set()
        for program in programs:
            program.join(GIVE_UP_SECONDS + 15)
