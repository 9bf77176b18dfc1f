"""Decisions in the database, made the way the endpoint makes them."""

import time
from typing import Any

from agents.models import Decision
from agents.serving import deciding
from reviewapp.core.accounts import actors
from tests.factories.serving import GOOD_INPUT, World


def decided(
    world: World, document: dict[str, Any] | None = None, *, proposal: dict[str, Any] | None = None, **members: Any
) -> Decision:
    """Decide a case of the world's agent and return the row."""
    body: dict[str, Any] = {"input": document or GOOD_INPUT, **members}
    if proposal is not None:
        body["proposal"] = proposal
    live = deciding.find(world.agent.slug)
    return deciding.decide(live=live, body=body, began=time.perf_counter(), by=actors.SYSTEM).row
