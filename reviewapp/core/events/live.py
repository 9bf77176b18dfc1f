"""Telling open pages that something changed, through Channels, after commit."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 1.0
# The layer's own default, which our settings leave as it is.
_PREFIX = "asgi"


def group(topic: str) -> str:
    """Return the Channels group of a topic such as `queue.<uuid>`."""
    return f"live.{topic}"


def push(topic: str, payload: Mapping[str, Any]) -> None:
    """Send `payload` (ids and primitives) to whoever watches `topic`, once the transaction has committed.

    Live pages are a convenience: when Redis is down the change stands and the page is a reload behind.
    """
    push_all({topic: payload})


def push_all(payloads: Mapping[str, Mapping[str, Any]]) -> None:
    """Send each topic its payload, as `push` does, by one message to Redis."""
    messages = {
        topic: {"type": "live.message", "topic": topic, "payload": dict(payload)} for topic, payload in payloads.items()
    }

    def send() -> None:
        try:
            _send(messages)
        except Exception as fault:  # noqa: BLE001 - redis raises many kinds; none may undo a committed change
            log.warning("live push to %s failed: %s", ", ".join(messages), fault)

    transaction.on_commit(send, robust=True)


def _send(messages: Mapping[str, dict[str, Any]]) -> None:
    layer = get_channel_layer()
    if isinstance(layer, RedisPubSubChannelLayer):
        # What the layer itself does, but on a kept connection: from a thread without an event loop it would make a loop
        # and a connection for every message, which costs more than the rest of a claim. The client's own commands would
        # cost twice what these two calls do.
        told = [
            ("PUBLISH", f"{_PREFIX}__group__{group(topic)}", layer.serialize(message))
            for topic, message in messages.items()
        ]
        pool = _client().connection_pool
        line: Any = pool.get_connection()
        try:
            line.send_packed_command(line.pack_commands(told))
            for _ in told:
                line.read_response()
        except BaseException:
            # Answers left unread would be taken for those of the next who gets it.
            line.disconnect()
            raise
        finally:
            pool.release(line)
    else:
        for topic, message in messages.items():
            async_to_sync(layer.group_send)(group(topic), message)


@lru_cache(maxsize=1)
def _client() -> Redis:
    made: Redis = Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return made
