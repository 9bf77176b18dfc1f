"""Telling open pages that something changed, through Channels, after commit."""

import logging
from collections.abc import Mapping
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)


def group(topic: str) -> str:
    """Return the Channels group of a topic such as `queue.<uuid>`."""
    return f"live.{topic}"


def push(topic: str, payload: Mapping[str, Any]) -> None:
    """Send `payload` (ids and primitives) to whoever watches `topic`, once the transaction has committed.

    Live pages are a convenience: when Redis is down the change stands and the page is a reload behind.
    """
    message = {"type": "live.message", "topic": topic, "payload": dict(payload)}

    def send() -> None:
        layer = get_channel_layer()
        try:
            async_to_sync(layer.group_send)(group(topic), message)
        except Exception as fault:  # noqa: BLE001 - redis raises many kinds; none may undo a committed change
            log.warning("live push to %s failed: %s", topic, fault)

    transaction.on_commit(send, robust=True)
