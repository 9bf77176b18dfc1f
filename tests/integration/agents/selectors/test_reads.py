"""What the planes above read of decisions and contracts."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agents.selectors import contracts, facts, policies, tally
from agents.services import slots
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Missing
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.serving import UNSURE_INPUT

pytestmark = pytest.mark.django_db


def test_facts__of_decisions__in_one_query(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    world = serving.world()
    made = [decided(world).pk, decided(world, UNSURE_INPUT).pk]
    with django_assert_num_queries(1):
        found = facts.of_decisions([*made, uuid4()])
    assert set(found) == set(made)
    assert (found[made[1]].status, found[made[1]].agent_slug) == ("review", "lending")
    assert facts.of_decision(made[0]) == found[made[0]]
    with pytest.raises(Missing):
        facts.of_decision(uuid4())


def test_contract__of_a_decision__is_the_one_it_was_made_under() -> None:
    world = serving.world()
    row = decided(world)
    assert contracts.of_decision(row.pk).digest == world.contract.digest
    with pytest.raises(Missing):
        contracts.of_decision(uuid4())
    with pytest.raises(Missing):
        contracts.by_id(uuid4())


def test_tally__since_a_moment__counts_by_policy_arm_and_status() -> None:
    world = serving.world()
    began = clock.now()
    decided(world)
    decided(world)
    decided(world, UNSURE_INPUT)
    found = {(one.arm, one.status): one.n for one in tally.since(world.agent.pk, began)}
    assert found == {("stable", "auto"): 2, ("stable", "review"): 1}
    assert tally.since(world.agent.pk, clock.now() + timedelta(seconds=5)) == ()


def test_slot__info__follows_the_slot() -> None:
    world = serving.world(live=False)
    assert policies.slot(world.agent.pk) is None
    slots.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 4), by=actors.SYSTEM)
    info = policies.slot(world.agent.pk)
    assert info is not None
    assert (info.serial, info.stable_version, info.changed_by) == (1, 4, "Countersign")
