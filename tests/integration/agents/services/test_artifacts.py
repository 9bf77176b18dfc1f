"""Storing sealed policies."""

import pytest

from agents.models import Artifact
from agents.selectors import contracts, policies
from agents.services import artifacts
from reviewapp.core import ids
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid
from tests.factories import serving
from tests.factories.agents import policy_body

pytestmark = pytest.mark.django_db


def test_store__twice__is_one_row_of_exactly_these_bytes() -> None:
    world = serving.world(live=False)
    spec = contracts.by_id(world.contract.pk).spec
    row = artifacts.store(agent_id=world.agent.pk, body=policy_body(spec), by=actors.SYSTEM)
    assert row.pk == world.artifact.pk
    assert Artifact.objects.count() == 1
    stored = Artifact.objects.get(pk=row.pk)
    assert bytes(stored.body) == ids.canonical(policy_body(spec))
    assert policies.policy(row.pk).agent == "lending"


def test_store__rule_that_does_not_compile__is_refused_by_path() -> None:
    world = serving.world()
    spec = contracts.by_id(world.contract.pk).spec
    body = policy_body(spec, guardrails=[{"id": "A", "when": "input.nope > 1", "action": "review"}])
    with pytest.raises(Invalid) as caught:
        artifacts.store(agent_id=world.agent.pk, body=body, by=actors.SYSTEM)
    assert "guardrails[0].when" in caught.value.fields


def test_store__for_another_agent_or_contract__is_refused() -> None:
    world = serving.world()
    spec = contracts.by_id(world.contract.pk).spec
    for changes, path in (
        ({"agent": "other"}, "agent"),
        ({"contract": {"version": 1, "digest": "x"}}, "contract.digest"),
    ):
        with pytest.raises(Invalid) as caught:
            artifacts.store(agent_id=world.agent.pk, body=policy_body(spec, **changes), by=actors.SYSTEM)
        assert path in caught.value.fields
