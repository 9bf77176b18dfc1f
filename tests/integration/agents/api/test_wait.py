"""Waiting for a resolution: answered when it is there, 204 when it is not, and no thread held meanwhile."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import AsyncClient

from agents.api import wait
from agents.services import resolutions
from reviewapp.core.accounts import actors
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.serving import UNSURE_INPUT, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _as_the_live_process(settings: Any) -> None:
    """The live process has its own addresses and no middleware that would hold a thread."""
    settings.ROOT_URLCONF = "reviewapp.urls_live"
    settings.MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ]


@pytest.fixture
def flagged() -> tuple[World, Any]:
    world = serving.world()
    return world, decided(world, UNSURE_INPUT)


async def apart(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Do something in a thread that leaves no connection to the test database behind."""

    def work() -> Any:
        try:
            return call(*arguments, **named)
        finally:
            connection.close()

    return await asyncio.to_thread(work)


async def poll(
    world: World, decision_id: Any, *, seconds: str = "5", slug: str = "lending", key: str | None = None
) -> Any:
    return await AsyncClient().get(
        f"/live/v1/agents/{slug}/decisions/{decision_id}/resolution",
        {"wait": seconds},
        headers={"Authorization": f"Bearer {key or world.key}"},
    )


def resolve(row: Any) -> None:
    resolutions.resolve(decision_id=row.pk, output={"action": "decline"}, source="review", by=actors.SYSTEM)


async def test_resolution__already_there__is_answered_at_once(flagged: tuple[World, Any]) -> None:
    world, row = flagged
    await apart(resolve, row)
    response = await poll(world, row.pk)
    assert response.status_code == 200
    assert response.json()["output"] == {"action": "decline"}
    assert response.json()["decision"] == str(row.pk)


async def test_resolution__automatic_decision__is_answered_at_once(flagged: tuple[World, Any]) -> None:
    world, _ = flagged
    row = await apart(decided, world)
    assert (await poll(world, row.pk)).json()["source"] == "auto"


async def test_resolution__given_while_waiting__reaches_every_waiter_within_a_second(
    flagged: tuple[World, Any],
) -> None:
    world, row = flagged
    waiters = [asyncio.create_task(poll(world, row.pk, seconds="10")) for _ in range(20)]
    await asyncio.sleep(0.7)
    assert not any(waiter.done() for waiter in waiters)
    await apart(resolve, row)
    began = time.monotonic()
    answers = await asyncio.gather(*waiters)
    assert time.monotonic() - began < 1.0
    assert {answer.status_code for answer in answers} == {200}


async def test_resolution__nobody_answers__is_a_204_after_the_wait(flagged: tuple[World, Any]) -> None:
    world, row = flagged
    began = time.monotonic()
    assert (await poll(world, row.pk, seconds="0.6")).status_code == 204
    assert 0.5 < time.monotonic() - began < 2.0
    assert (await poll(world, row.pk, seconds="0")).status_code == 204


async def test_resolution__longer_than_allowed__is_cut(flagged: tuple[World, Any], settings: Any) -> None:
    settings.WAIT_MAX_SECONDS = 0.3
    world, row = flagged
    began = time.monotonic()
    assert (await poll(world, row.pk, seconds="3600")).status_code == 204
    assert time.monotonic() - began < 2.0


async def test_resolution__many_waiting__hold_no_thread_each(flagged: tuple[World, Any]) -> None:
    world, row = flagged
    waiters = [asyncio.create_task(poll(world, row.pk, seconds="2")) for _ in range(100)]
    await asyncio.sleep(1.2)
    assert threading.active_count() < 60
    assert {answer.status_code for answer in await asyncio.gather(*waiters)} == {204}


async def test_board__client_that_hangs_up__is_forgotten(flagged: tuple[World, Any]) -> None:
    board = wait.Board()
    waiter = asyncio.create_task(board.wait(uuid4(), 30))
    await asyncio.sleep(0.1)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert board._waiting == {}


async def test_resolution__refusals__are_problems(flagged: tuple[World, Any]) -> None:
    world, row = flagged
    other = await apart(serving.world, slug="other")
    cases = [
        (await poll(world, row.pk, key="nonsense"), 401),
        (await poll(world, row.pk, key=other.key), 404),
        (await poll(world, row.pk, slug="other", key=other.key), 404),
        (await poll(world, uuid4()), 404),
        (await poll(world, row.pk, seconds="soon"), 422),
        (await poll(world, row.pk, seconds="-1"), 422),
        (await poll(world, row.pk, seconds="nan"), 422),
    ]
    for response, status in cases:
        assert response.status_code == status
        assert response["Content-Type"] == "application/problem+json"
