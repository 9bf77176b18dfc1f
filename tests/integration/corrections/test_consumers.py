"""Live pages: who may watch, from where, and what they are told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import connection
from django.test import Client

from corrections.models import Task
from corrections.services import tasks
from reviewapp.asgi import application
from tests.factories.feedback import Room, flagged, room
from tests.factories.serving import person

pytestmark = pytest.mark.django_db(transaction=True)

_PATIENCE = 5.0


@pytest.fixture(autouse=True)
def live_process(settings: Any) -> None:
    """Know only the addresses that the live process knows: a fragment that names a page's address cannot be drawn there."""
    settings.ROOT_URLCONF = "reviewapp.urls_live"


async def db(call: Any, *args: Any, **named: Any) -> Any:
    """Do something with the database in a thread that leaves no connection behind."""

    def work() -> Any:
        try:
            return call(*args, **named)
        finally:
            connection.close()

    return await asyncio.to_thread(work)


def cookie(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Socket:
    """A websocket as a browser opens it."""

    def __init__(self, path: str, session: str = "", origin: str = settings.WEB_ORIGIN) -> None:
        headers = [(b"origin", origin.encode())]
        if session:
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
        scope = {"type": "websocket", "path": path, "headers": headers, "query_string": b"", "subprotocols": []}
        self.line = ApplicationCommunicator(application, scope)

    async def open(self) -> dict[str, Any]:
        await self.line.send_input({"type": "websocket.connect"})
        return await self.line.receive_output(_PATIENCE)

    async def told(self) -> str:
        return (await self.line.receive_output(_PATIENCE))["text"]

    async def quiet(self) -> bool:
        return await self.line.receive_nothing(0.3)

    async def close(self) -> None:
        await self.line.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.line.wait(_PATIENCE)


@asynccontextmanager
async def watching(path: str, user: Any) -> AsyncIterator[Socket]:
    socket = Socket(path, await db(cookie, user))
    assert (await socket.open())["type"] == "websocket.accept"
    try:
        yield socket
    finally:
        await socket.close()


@pytest.fixture
def made() -> Room:
    return room()


@pytest.fixture
def task(made: Room) -> Task:
    return Task.objects.get(decision=flagged(made))


@pytest.fixture
def people() -> dict[str, Any]:
    found = {name: person(name, "reviewer") for name in ("amina", "jonas", "sara")}
    return {**found, "stranger": person("stranger")}


async def test_queue__a_claim__tells_the_new_count(made: Room, task: Task, people: dict[str, Any]) -> None:
    async with watching(f"/ws/queues/{made.standard.pk}/", people["amina"]) as socket:
        await db(tasks.claim, queue_id=made.standard.pk, by=people["jonas"])
        text = await socket.told()
    assert "queue-waiting" in text
    assert "1 waiting" in text
    assert task.title not in text, "a fragment carries no case data"


async def test_task__people__see_each_other_come_and_go(task: Task, people: dict[str, Any]) -> None:
    path = f"/ws/tasks/{task.pk}/"
    async with watching(path, people["amina"]) as amina:
        async with watching(path, people["jonas"]) as jonas:
            assert "Jonas Test is looking too" in await amina.told()
            assert "Amina Test is looking too" in await jonas.told()
            async with watching(path, people["sara"]) as sara:
                assert "Jonas Test, Sara Test are looking too" in await amina.told()
                assert {await sara.told(), await sara.told()}, "she hears of both"
            assert "Jonas Test is looking too" in await amina.told()
        gone = await amina.told()
    assert "looking" not in gone
    assert 'id="presence"' in gone


async def test_task__a_second_tab_closed__the_person_is_still_there(task: Task, people: dict[str, Any]) -> None:
    path = f"/ws/tasks/{task.pk}/"
    async with watching(path, people["amina"]) as amina, watching(path, people["jonas"]):
        assert "Jonas Test" in await amina.told()
        async with watching(path, people["jonas"]):
            pass
        assert await amina.quiet()


async def test_task__claimed_elsewhere__is_told(task: Task, people: dict[str, Any]) -> None:
    async with watching(f"/ws/tasks/{task.pk}/", people["amina"]) as socket:
        await db(tasks.claim_one, task_id=task.pk, by=people["jonas"])
        text = await socket.told()
    assert 'id="task-changed"' in text
    assert "Taken" in text


async def test_watching__without_the_right__is_refused_and_nobody_hears_of_it(
    made: Room, task: Task, people: dict[str, Any]
) -> None:
    path = f"/ws/tasks/{task.pk}/"
    session = await db(cookie, people["stranger"])
    async with watching(path, people["amina"]) as amina:
        for place in (path, f"/ws/queues/{made.standard.pk}/", f"/ws/tasks/{uuid4()}/"):
            socket = Socket(place, session)
            assert await socket.open() == {"type": "websocket.close", "code": 4403}
            await socket.close()
        assert await amina.quiet()


async def test_watching__signed_out__is_refused(task: Task) -> None:
    socket = Socket(f"/ws/tasks/{task.pk}/")
    assert await socket.open() == {"type": "websocket.close", "code": 4401}
    await socket.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9999", "null"])
async def test_watching__from_another_site__is_refused(task: Task, people: dict[str, Any], origin: str) -> None:
    socket = Socket(f"/ws/tasks/{task.pk}/", await db(cookie, people["amina"]), origin)
    closed = await socket.open()
    assert closed["type"] == "websocket.close"
