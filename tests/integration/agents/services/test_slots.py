"""Switching slots."""

from uuid import uuid4

import pytest

from agents.services import contracts, slots
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid, Missing
from reviewapp.core.events.models import Event
from tests.factories import serving
from tests.factories.agents import contract_body

pytestmark = pytest.mark.django_db


def test_switch__each_time__raises_the_serial_and_tells() -> None:
    world = serving.world()
    slot = slots.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 2), by=actors.SYSTEM)
    assert (slot.serial, slot.stable_version) == (2, 2)
    assert [event.data["serial"] for event in Event.objects.filter(type="slot.switched")] == [1, 2]


def test_switch__to_nothing__empties_the_slot() -> None:
    world = serving.world()
    slot = slots.switch(agent_id=world.agent.pk, stable=None, by=actors.SYSTEM)
    assert (slot.stable_id, slot.serial) == (None, 2)


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"stable": ("sha256:none", 1)}, "stable"),
        ({"stable": None, "canary": "own"}, "canary"),
        ({"stable": "own", "canary_share": 10}, "canary_share"),
        ({"stable": "own", "canary": "own", "canary_share": 10_001}, "canary_share"),
    ],
)
def test_switch__impossible_terms__are_named(terms: dict, path: str) -> None:
    world = serving.world()
    given = {key: (world.artifact.pk, 1) if value == "own" else value for key, value in terms.items()}
    with pytest.raises(Invalid) as caught:
        slots.switch(agent_id=world.agent.pk, by=actors.SYSTEM, **given)
    assert path in caught.value.fields


def test_switch__another_agents_policy__is_refused() -> None:
    world, other = serving.world(), serving.world(slug="other")
    with pytest.raises(Invalid):
        slots.switch(agent_id=world.agent.pk, stable=(other.artifact.pk, 1), by=actors.SYSTEM)


def test_switch__canary_of_another_contract__is_refused() -> None:
    world = serving.world()
    contracts.publish(agent_id=world.agent.pk, body=contract_body(version=2, title="New"), by=actors.SYSTEM)
    newer = serving.store(world.agent)
    with pytest.raises(Invalid) as caught:
        slots.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 1), canary=(newer.pk, 2), by=actors.SYSTEM)
    assert "contract" in caught.value.fields["canary"]


def test_switch__unknown_agent__is_missing() -> None:
    with pytest.raises(Missing):
        slots.switch(agent_id=uuid4(), stable=None, by=actors.SYSTEM)
