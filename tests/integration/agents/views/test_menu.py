"""What the navigation and the palette lead to."""

import pytest
from django.test import Client

from agents.views import menu
from tests.factories import serving
from tests.factories.decisions import decided

pytestmark = pytest.mark.django_db


def test_navigation__person_with_an_agent__leads_to_both_pages() -> None:
    world = serving.world()
    client = Client()
    client.force_login(serving.person("ada", "reviewer", agent=world.agent))
    text = client.get("/agents/").text
    assert 'href="/decisions/"' in text
    assert 'href="/agents/"' in text


def test_palette__agent__is_found_by_name_where_it_may_be_seen() -> None:
    world = serving.world()
    reader, stranger = serving.person("ada", "reviewer", agent=world.agent), serving.person("eve")
    assert [entry.href for entry in menu.find_agents(reader, "lend")] == ["/agents/lending/"]
    assert list(menu.find_agents(reader, "nothing")) == []
    assert list(menu.find_agents(stranger, "lend")) == []


def test_palette__decision__is_found_by_its_id_where_it_may_be_seen() -> None:
    world = serving.world()
    row = decided(world)
    reader, stranger = serving.person("ada", "reviewer", agent=world.agent), serving.person("eve")
    (entry,) = menu.find_decisions(reader, f" {row.pk} ")
    assert entry.href == f"/decisions/{row.pk}/"
    assert list(menu.find_decisions(stranger, str(row.pk))) == []
    assert list(menu.find_decisions(reader, "car")) == []
