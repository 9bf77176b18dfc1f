"""A process that serves an agent, and somebody who can write to its database, past every trigger."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import connection

from agents.models import Artifact
from agents.runtime import channel
from agents.runtime.channel import Statement
from agents.runtime.signing import Envelope
from agents.selectors import trust
from agents.services import slots as service
from agents.serving import slots as serving_slots
from agents.serving.slots import Cache
from reviewapp.core.accounts import actors
from tests.factories import serving


@dataclass
class Scene:
    """A process that serves version 2 of an agent, another agent beside it, and a policy nobody has served yet."""

    world: serving.World
    other: serving.World
    newer: Artifact
    cache: Cache

    @property
    def said(self) -> Statement:
        """What the newest statement says."""
        return channel.read(self.envelope.payload)

    @property
    def envelope(self) -> Envelope:
        """The newest statement as it is stored."""
        row = trust.newest(self.world.agent.pk)
        assert row is not None
        return Envelope.from_json(row.envelope)

    def serves(self) -> int | None:
        """The version this process serves after it looked."""
        self.cache.refresh()
        live = self.cache.get("lending")
        return live.stable.version if live and live.stable else None

    def forge(self, envelope: Envelope) -> None:
        """Put an envelope where the next statement belongs, and raise the slot's serial to it."""
        tamper("UPDATE agents_slot SET serial = serial + 1 WHERE agent_id = %s", self.world.agent.pk)
        tamper(
            "INSERT INTO agents_channelstatement (agent_id, serial, envelope, issued_at, not_after) "
            "SELECT agent_id, serial, %s, now(), now() + interval '1 day' FROM agents_slot WHERE agent_id = %s",
            json.dumps(envelope.as_json()),
            self.world.agent.pk,
        )

    def next(self, **changes: Any) -> Statement:
        """What the next statement could say."""
        return replace(self.said, serial=self.said.serial + 1, **changes)

    def publish_newer(self) -> None:
        """Switch to the policy nobody has served, as a person would; no process has looked yet."""
        service.switch(agent_id=self.world.agent.pk, stable=(self.newer.pk, 9), by=actors.SYSTEM)


@pytest.fixture
def scene() -> Iterator[Scene]:
    world, other = serving.world(), serving.world(slug="other")
    cache = serving_slots.cache
    cache.clear()
    cache.get("lending")
    service.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 2), by=actors.SYSTEM)
    for number in range(5):
        service.switch(agent_id=other.agent.pk, stable=(other.artifact.pk, number), by=actors.SYSTEM)
    made = Scene(world, other, serving.store(world.agent, guidance="newer"), cache)
    assert made.serves() == 2
    yield made
    cache.clear()


def tamper(statement: str, *values: Any) -> None:
    """Write as the owner of the database can who switches every trigger off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")
