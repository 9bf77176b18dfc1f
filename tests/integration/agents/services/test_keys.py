"""Keys for an agent's program."""

from uuid import uuid4

import pytest

from agents.services import keys
from reviewapp.core import clock
from reviewapp.core.accounts import keyring
from reviewapp.core.accounts import keys as kernel
from reviewapp.core.errors import Invalid, Missing, NotAllowed, Unauthenticated
from tests.factories import serving

pytestmark = pytest.mark.django_db


def test_issue__developer__gets_a_key_of_this_agent_only() -> None:
    world = serving.world()
    developer = serving.person("dev", "agent_developer", agent=world.agent)
    raw = keys.issue(agent_id=world.agent.pk, name="production", days=30, by=developer)
    holder = kernel.authenticate(raw, now=clock.now())
    assert (holder.agent_id, holder.scopes) == (world.agent.pk, frozenset({"decide", "read"}))
    row = keyring.of_agent(world.agent.pk, now=clock.now())[0]
    assert (row.name, row.state, row.created_by) == ("production", "active", "Dev Test")
    assert row.expires_at is not None


def test_revoke__at_once() -> None:
    world = serving.world()
    developer = serving.person("dev", "agent_developer", agent=world.agent)
    (row,) = keyring.of_agent(world.agent.pk, now=clock.now())
    keys.revoke(agent_id=world.agent.pk, key_id=row.id, by=developer)
    with pytest.raises(Unauthenticated):
        kernel.authenticate(world.key, now=clock.now())
    assert keyring.of_agent(world.agent.pk, now=clock.now())[0].state == "revoked"


def test_issue_and_revoke__without_the_right__are_refused() -> None:
    world = serving.world()
    auditor = serving.person("bob", "auditor", "operator")
    (row,) = keyring.of_agent(world.agent.pk, now=clock.now())
    with pytest.raises(NotAllowed):
        keys.issue(agent_id=world.agent.pk, name="x", days=None, by=auditor)
    with pytest.raises(NotAllowed):
        keys.revoke(agent_id=world.agent.pk, key_id=row.id, by=auditor)


def test_revoke__another_agents_or_unknown_key__is_missing() -> None:
    world, other = serving.world(), serving.world(slug="other")
    developer = serving.person("dev", "agent_developer")
    (foreign,) = keyring.of_agent(other.agent.pk, now=clock.now())
    for key_id in (foreign.id, uuid4()):
        with pytest.raises(Missing):
            keys.revoke(agent_id=world.agent.pk, key_id=key_id, by=developer)
    with pytest.raises(Missing):
        keys.issue(agent_id=uuid4(), name="x", days=None, by=developer)


def test_issue__without_a_name__names_the_field() -> None:
    world = serving.world()
    with pytest.raises(Invalid) as caught:
        keys.issue(agent_id=world.agent.pk, name=" ", days=None, by=serving.person("dev", "agent_developer"))
    assert "name" in caught.value.fields
