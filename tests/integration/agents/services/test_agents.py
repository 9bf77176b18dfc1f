"""Registering agents."""

import pytest

from agents.services import agents
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.events.models import Event

pytestmark = pytest.mark.django_db


def test_register__good_agent__is_there_with_its_event() -> None:
    agent = agents.register(slug="credit", name="Credit", description=" Loans ", mode="decide", by=actors.SYSTEM)
    assert (agent.slug, agent.description, agent.created_by) == ("credit", "Loans", "system:countersign")
    assert Event.objects.get(type="agent.registered").subject_id == str(agent.pk)


def test_register__taken_slug__conflicts_and_names_the_field() -> None:
    agents.register(slug="credit", name="Credit", mode="decide", by=actors.SYSTEM)
    with pytest.raises(Conflict) as caught:
        agents.register(slug="credit", name="Other", mode="decide", by=actors.SYSTEM)
    assert "slug" in caught.value.fields


def test_register__every_fault__is_named() -> None:
    with pytest.raises(Invalid) as caught:
        agents.register(slug="No Slug", name=" ", mode="guess", by=actors.SYSTEM)
    assert set(caught.value.fields) == {"slug", "name", "mode"}
