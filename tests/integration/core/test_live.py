"""Telling open pages that something changed."""

import asyncio
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import connection, transaction
from django.test import override_settings

from reviewapp.core.events import live


def heard(topic: str, act: Any) -> dict[str, Any]:
    """Return the message that a page watching `topic` gets when `act` has been done in another thread."""

    def work() -> None:
        act()
        # The thread has a connection of its own.
        connection.close()

    async def go() -> dict[str, Any]:
        layer = get_channel_layer()
        assert layer is not None
        channel = await layer.new_channel()
        await layer.group_add(live.group(topic), channel)
        try:
            await asyncio.to_thread(work)
            message: dict[str, Any] = await asyncio.wait_for(layer.receive(channel), 10)
            return message
        finally:
            await layer.flush()

    return asyncio.run(go())


@pytest.mark.django_db(transaction=True)
def test_push__from_a_thread_without_a_loop__reaches_who_watches() -> None:
    message = heard("test.1", lambda: live.push("test.1", {"task": "t", "state": "done"}))
    assert message == {"type": "live.message", "topic": "test.1", "payload": {"task": "t", "state": "done"}}


@pytest.mark.django_db(transaction=True)
def test_push__other_kind_of_layer__is_told_by_its_own_way() -> None:
    with override_settings(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}):
        assert heard("test.2", lambda: live.push("test.2", {}))["topic"] == "test.2"


@pytest.mark.django_db(transaction=True)
def test_push__redis_is_away__the_change_stands(caplog: Any) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        live._client.cache_clear()
        with transaction.atomic():
            live.push("test.3", {})
    live._client.cache_clear()
    assert "live push to test.3" in caplog.text
