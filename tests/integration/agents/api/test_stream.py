"""Server-sent events: each answer once it is there, going on where a client left, and closed with its key."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import AsyncClient

from agents.api import stream
from agents.models import Resolution
from reviewapp.core import clock
from reviewapp.core.accounts.models import ApiKey
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.serving import UNSURE_INPUT, World
from tests.integration.agents.api.test_wait import apart, resolve

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _as_the_live_process(settings: Any) -> None:
    settings.ROOT_URLCONF = "reviewapp.urls_live"
    settings.MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ]


@pytest.fixture
def world() -> World:
    return serving.world()


async def follow(world: World, path: str = "", *, last: Any = "", key: str | None = None, slug: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key or world.key}"}
    if last:
        headers["Last-Event-ID"] = str(last)
    return await AsyncClient().get(f"/live/v1/agents/{slug or world.agent.slug}{path}/events", headers=headers)


def flagged(world: World, amount: float = 900.0) -> Any:
    return decided(world, {**UNSURE_INPUT, "amount": amount})


async def events(response: Any, count: int, *, seconds: float = 5) -> list[dict[str, str]]:
    """Read `count` events off a stream and leave it."""
    found: list[dict[str, str]] = []
    chunks = response.streaming_content.__aiter__()
    try:
        async with asyncio.timeout(seconds):
            while len(found) < count:
                block = (await anext(chunks)).decode()
                lines = [line.partition(": ") for line in block.strip().split("\n")]
                if any(name == "data" for name, _, _ in lines):
                    found.append({name: value for name, _, value in lines})
    finally:
        await chunks.aclose()
    return found


async def test_agent__answer_given_while_listening__is_sent_with_the_payload_of_every_channel(world: World) -> None:
    row = await apart(flagged, world)
    response = await follow(world)
    assert (response.status_code, response["Content-Type"]) == (200, "text/event-stream")
    reading = asyncio.create_task(events(response, 1))
    await asyncio.sleep(0.3)
    await apart(resolve, row)
    (event,) = await reading
    body = json.loads(event["data"])
    assert event["event"] == "decision.resolved"
    assert (body["decision"], body["agent"], body["output"]) == (str(row.pk), "lending", {"action": "decline"})
    assert body["contract"] == {"version": 1}


async def test_agent__comes_back_with_the_last_id__gets_what_it_missed_in_order(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(stream.streaming, "OVERLAP", stream.streaming.OVERLAP * 0)
    rows = [await apart(flagged, world, 900.0 + number) for number in range(4)]
    for row in rows:
        await apart(resolve, row)
    made = await apart(lambda: list(Resolution.objects.order_by("id").values_list("pk", flat=True)))
    found = await events(await follow(world, last=made[0]), 3)
    assert [event["id"] for event in found] == [str(one) for one in made[1:]]


async def test_agent__many_pages_missed__come_each_once(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(stream, "_PAGE", 2)
    for number in range(5):
        await apart(resolve, await apart(flagged, world, 900.0 + number))
    found = await events(await follow(world, last="00000000-0000-7000-8000-000000000000"), 5)
    assert len({event["id"] for event in found}) == 5


async def test_agent__another_agents_answers__are_not_sent(world: World, settings: Any) -> None:
    settings.STREAM_HEARTBEAT_SECONDS = 0.2
    other = await apart(serving.world, slug="other")
    response = await follow(world)
    reading = asyncio.create_task(events(response, 1, seconds=1.5))
    await asyncio.sleep(0.2)
    await apart(resolve, await apart(flagged, other))
    with pytest.raises(TimeoutError):
        await reading


async def test_agent__silence__heartbeats_until_the_key_is_void(world: World, settings: Any) -> None:
    settings.STREAM_HEARTBEAT_SECONDS = 0.1
    response = await follow(world)
    chunks = response.streaming_content.__aiter__()
    assert await anext(chunks) == b"retry: 3000\n\n"
    assert (await anext(chunks)).startswith(b":")
    await apart(lambda: ApiKey.objects.update(expires_at=clock.now()))
    async with asyncio.timeout(3):
        assert all([chunk.startswith(b":") async for chunk in chunks])


async def test_decision__answered_while_listening__is_sent_and_the_stream_ends(world: World) -> None:
    row = await apart(flagged, world)
    response = await follow(world, f"/decisions/{row.pk}")

    async def whole() -> bytes:
        return b"".join([chunk async for chunk in response.streaming_content])

    reading = asyncio.create_task(whole())
    await asyncio.sleep(0.2)
    await apart(resolve, row)
    text = await asyncio.wait_for(reading, 5)
    assert text.count(b"event: decision.resolved") == 1
    assert f"id: {row.pk}".encode() in text
    assert (await follow(world, f"/decisions/{row.pk}", last=row.pk)).status_code == 204


async def test_decision__automatic_or_answered_by_contract__is_sent_at_once(world: World) -> None:
    row = await apart(decided, world)
    (event,) = await events(await follow(world, f"/decisions/{row.pk}"), 1)
    assert json.loads(event["data"])["source"] == "auto"


async def test_stream__refusals__are_problems(world: World) -> None:
    other = await apart(serving.world, slug="other")
    row = await apart(flagged, world)
    cases = [
        (await follow(world, key="nonsense"), 401),
        (await follow(world, key=other.key), 404),
        (await follow(world, slug="unknown"), 404),
        (await follow(world, last="yesterday"), 422),
        (await follow(world, f"/decisions/{row.pk}", key=other.key), 404),
        (await follow(world, f"/decisions/{uuid4()}"), 404),
    ]
    for response, status in cases:
        assert response.status_code == status
        assert response["Content-Type"] == "application/problem+json"


async def test_feed__client_that_hangs_up__is_forgotten(world: World) -> None:
    response = await follow(world)
    chunks = response.streaming_content.__aiter__()
    await anext(chunks)
    feed = stream._feeds[asyncio.get_running_loop()]
    assert len(feed._followers) == 1
    reading = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0.1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not feed._followers
