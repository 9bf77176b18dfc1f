"""What the adapters share: questions with stable keys, asked all at once and awaited together."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..aio import AsyncClient
from ..client import Client
from ..errors import Pending, Problem
from ..tickets import Ticket

Json = dict[str, Any]

# The longest case reference the API takes.
_REFERENCE = 200


@dataclass(frozen=True, slots=True)
class Question:
    """One case to be decided: `case` by the contract's input schema, and what the agent itself would do, if anything."""

    case: Mapping[str, Any]
    proposal: Mapping[str, Any] | None = None
    case_ref: str | None = None
    unit: str | None = None


class Unsettled(Pending):
    """People have not settled every question in time; `tickets` finds each again by the name it was asked under.

    Asking again, also in another process, finds the same cases: nothing need be stored but the framework's own state.
    """

    def __init__(self, tickets: Mapping[str, Ticket]) -> None:
        """Keep the tickets."""
        super().__init__(next(iter(tickets.values())))
        self.tickets = dict(tickets)


class Unanswered(Exception):
    """A case was settled without an answer, as a contract may say for the end of its time."""

    def __init__(self, name: str) -> None:
        """Name the question."""
        self.name = name
        super().__init__(
            f"{name} was settled without an answer: give the contract's on_timeout an output, or catch this."
        )


def stable_key(framework: str, *parts: str) -> str:
    """Return the idempotency key of a question: the same parts give the same key, in every process."""
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f"{framework}:{digest[:40]}"


def reference(*parts: str) -> str:
    """Return a case reference that names where the question came from, as far as there is room."""
    return "/".join(parts)[-_REFERENCE:]


def answers(client: Client, asked: Mapping[str, tuple[str, Question]], seconds: float) -> dict[str, Json]:
    """Ask every (key, question), then wait for all of them; return each one's output by its name.

    Every question is with people before the first answer is waited for. `seconds` is for all together.

    Raises:
        Unsettled: one or more are still open.
        Unanswered: one was settled without an output.
        Problem: the server refused one.
    """
    until = time.monotonic() + seconds
    decisions = {name: _ask(client, key, question) for name, (key, question) in asked.items()}
    found: dict[str, Json | None] = {}
    for name, decision in decisions.items():
        settled = decision if _done(decision) else client.wait(decision, seconds=_left(until))
        found[name] = None if settled is None else _output(name, settled)
    return _all(found, lambda name: client.ticket(decisions[name]))


async def answers_async(
    client: AsyncClient, asked: Mapping[str, tuple[str, Question]], seconds: float
) -> dict[str, Json]:
    """Do the same as `answers` without blocking the event loop."""
    until = time.monotonic() + seconds
    decisions = {name: await _ask_async(client, key, question) for name, (key, question) in asked.items()}

    async def settled(name: str, decision: Json) -> Json | None:
        told = decision if _done(decision) else await client.wait(decision, seconds=_left(until))
        return None if told is None else _output(name, told)

    told = await asyncio.gather(*(settled(name, decision) for name, decision in decisions.items()))
    return _all(dict(zip(decisions, told, strict=True)), lambda name: client.ticket(decisions[name]))


def _ask(client: Client, key: str, question: Question) -> Json:
    try:
        return client.decide(question.case, **_rest(key, question))
    except Problem as problem:
        return client.decision(_earlier(problem))


async def _ask_async(client: AsyncClient, key: str, question: Question) -> Json:
    try:
        return await client.decide(question.case, **_rest(key, question))
    except Problem as problem:
        return await client.decision(_earlier(problem))


def _rest(key: str, question: Question) -> dict[str, Any]:
    return {
        "proposal": question.proposal,
        "case_ref": question.case_ref,
        "unit": question.unit,
        "idempotency_key": key,
    }


def _earlier(problem: Problem) -> str:
    """Return the decision that the key has already: a repeated node may word its question otherwise this time."""
    if problem.code != "idempotency_key_reused" or not problem.decision:
        raise problem
    return problem.decision


def _done(decision: Mapping[str, Any]) -> bool:
    return bool(decision["status"] == "auto")


def _left(until: float) -> float:
    # Never nothing: an answer that is there already is worth one look.
    return max(0.05, until - time.monotonic())


def _output(name: str, settled: Mapping[str, Any]) -> Json:
    if settled["output"] is None:
        raise Unanswered(name)
    return dict(settled["output"])


def _all(found: Mapping[str, Json | None], ticket: Callable[[str], Ticket]) -> dict[str, Json]:
    if open_ := {name: ticket(name) for name, output in found.items() if output is None}:
        raise Unsettled(open_)
    return {name: output for name, output in found.items() if output is not None}
