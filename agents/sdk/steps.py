"""Conversations with the server as plain generators, so that the sync and the async client share every decision.

A generator yields what it wants done (`Send`, `Sleep`, `Do`) and is told how it ended; only the drivers do I/O.
"""

import asyncio
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request; the answer is an `httpx.Response`."""

    verb: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Do:
    """Call something that blocks, such as writing to the disk; the answer is what it returns."""

    call: Callable[[], Any]


Steps = Generator[Send | Sleep | Do, Any, T]


def run(steps: Steps[T], http: httpx.Client) -> T:
    """Carry a conversation out and return its end."""
    told: Any = None
    fault: Exception | None = None
    while True:
        try:
            step = steps.throw(fault) if fault is not None else steps.send(told)
        except StopIteration as end:
            value: T = end.value
            return value
        told, fault = None, None
        try:
            if isinstance(step, Send):
                told = http.request(step.verb, step.path, **step.options)
            elif isinstance(step, Sleep):
                time.sleep(step.seconds)
            else:
                told = step.call()
        except Exception as raised:  # noqa: BLE001  # the conversation decides what a failure means
            fault = raised


async def run_async(steps: Steps[T], http: httpx.AsyncClient) -> T:
    """Carry a conversation out without blocking the event loop."""
    told: Any = None
    fault: Exception | None = None
    while True:
        try:
            step = steps.throw(fault) if fault is not None else steps.send(told)
        except StopIteration as end:
            value: T = end.value
            return value
        told, fault = None, None
        try:
            if isinstance(step, Send):
                told = await http.request(step.verb, step.path, **step.options)
            elif isinstance(step, Sleep):
                await asyncio.sleep(step.seconds)
            else:
                told = await asyncio.to_thread(step.call)
        except Exception as raised:  # noqa: BLE001  # the conversation decides what a failure means
            fault = raised
