"""A function whose answers people may correct before they take effect."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from .aio import AsyncClient
from .client import Client
from .errors import Pending, Problem

Answering = Callable[..., Any]
Requesting = Callable[[Any, tuple[Any, ...], dict[str, Any]], dict[str, Any]]


def countersigned(
    client: Client | AsyncClient,
    *,
    case: Callable[..., Mapping[str, Any]] | None = None,
    proposal: Callable[[Any], Mapping[str, Any]] | None = None,
    case_ref: Callable[..., str] | None = None,
    seconds: float = 3600.0,
) -> Callable[[Answering], Answering]:
    """Make a function's return value a proposal, and return what becomes of it.

    The case is the function's arguments by name, or what `case(*args, **kwargs)` makes of them; the proposal is
    `{"output": value}`, or `proposal(value)`. An async function needs an `AsyncClient`, a plain one a `Client`.
    With `case_ref`, the reference is also the idempotency key: called again after a crash, the same case is found, even
    if the function answers differently this time.

    The decorated function raises `Pending` with a ticket when people have not settled the case within `seconds`,
    and what the client raises.
    """

    def decorate(function: Answering) -> Answering:
        signature = inspect.signature(function)

        def request(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            reference = case_ref(*args, **kwargs) if case_ref else None
            return {
                "case": case(*args, **kwargs) if case else dict(bound.arguments),
                "proposal": proposal(value) if proposal else {"output": value},
                "case_ref": reference,
                "idempotency_key": f"{function.__qualname__}:{reference}" if reference else None,
            }

        if isinstance(client, AsyncClient):
            if not inspect.iscoroutinefunction(function):
                raise TypeError(f"{function.__qualname__} is a plain function: give it a Client.")
            return _guarded_async(function, client, request, seconds)
        if inspect.iscoroutinefunction(function):
            raise TypeError(f"{function.__qualname__} is async: give it an AsyncClient.")
        return _guarded(function, client, request, seconds)

    return decorate


def _guarded(function: Answering, client: Client, request: Requesting, seconds: float) -> Answering:
    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            decision = client.propose(**request(function(*args, **kwargs), args, kwargs))
        except Problem as problem:
            decision = client.decision(_earlier(problem))
        if decision["status"] == "auto":
            return decision["output"]
        return _answer(client.wait(decision, seconds=seconds), client, decision)

    return guarded


def _guarded_async(function: Answering, client: AsyncClient, request: Requesting, seconds: float) -> Answering:
    @functools.wraps(function)
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            decision = await client.propose(**request(await function(*args, **kwargs), args, kwargs))
        except Problem as problem:
            decision = await client.decision(_earlier(problem))
        if decision["status"] == "auto":
            return decision["output"]
        return _answer(await client.wait(decision, seconds=seconds), client, decision)

    return guarded


def _earlier(problem: Problem) -> str:
    """Return the id of the decision that this case has already; anything else is raised again."""
    if problem.code != "idempotency_key_reused" or not problem.decision:
        raise problem
    return problem.decision


def _answer(settled: Mapping[str, Any] | None, client: Client | AsyncClient, decision: Mapping[str, Any]) -> Any:
    if settled is None:
        raise Pending(client.ticket(decision))
    return settled["output"]
