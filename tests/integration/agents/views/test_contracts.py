"""Pages of contracts: versions, one of them, two side by side, and the draft of the next."""

import json
from typing import Any

import pytest
from django.test import Client

from agents.models import Contract, ContractDraft
from agents.services import contracts
from reviewapp.core.accounts import actors
from tests.factories import serving
from tests.factories.agents import contract_body
from tests.factories.serving import World, person

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def world() -> World:
    """The lending agent, and another one that nobody here may see."""
    serving.world(slug="other", live=False)
    return serving.world()


def signed_in(world: World, *roles: str, name: str = "dana") -> Client:
    """Return a signed-in person with roles on the lending agent."""
    client = Client()
    client.force_login(person(name, *roles, agent=world.agent))
    return client


def path(rest: str = "", slug: str = "lending") -> str:
    """Return an address below the agent's contracts."""
    return f"/agents/{slug}/contracts/{rest}"


def body(**changes: Any) -> str:
    """Return a draft as it is typed."""
    given = {key: value for key, value in contract_body(**changes).items() if key not in {"agent", "version"}}
    return json.dumps(given)


def publish(world: World, **changes: Any) -> Contract:
    """Publish another version past the pages; what breaks is answered for."""
    given = {key: value for key, value in contract_body(**changes).items() if key not in {"agent", "version"}}
    examined = contracts.examine(agent_id=world.agent.pk, body=given)
    reasons = dict.fromkeys(examined.breaking, "Agreed with everyone who calls it.")
    return contracts.publish(agent_id=world.agent.pk, body=given, acknowledged=reasons, by=actors.SYSTEM)


def test_listing__works__says_what_is_in_force_and_what_changed(world: World) -> None:
    publish(world, latency_ms=900)
    text = signed_in(world, "reviewer").get(path()).content.decode()
    assert "In force" in text
    assert "1 change" in text
    assert "Draft the next version" not in text
    assert "Draft the next version" in signed_in(world, "agent_developer", name="dev").get(path()).content.decode()


@pytest.mark.parametrize("rest", ["", "1/", "compare/", "1/document/"])
def test_pages__strangers_bad_numbers_and_verbs__are_refused(world: World, rest: str) -> None:
    client = signed_in(world, "reviewer")
    assert client.get(path(rest)).status_code == 200
    assert client.get(path(rest, slug="other")).status_code == 404
    assert client.get(path(rest, slug="nothing")).status_code == 404
    assert client.post(path(rest)).status_code == 405
    assert Client().get(path(rest)).status_code == 302
    assert client.get(path("7/")).status_code == 404
    assert client.get(path("compare/?old=7&new=9")).status_code == 404


@pytest.mark.parametrize("rest", ["", "1/", "compare/"])
def test_pages__asked_for_as_fragment__are_no_whole_page(world: World, rest: str) -> None:
    text = signed_in(world, "reviewer").get(path(rest), headers=FRAGMENT).content.decode()
    assert "<html" not in text
    assert text.strip()


def test_detail__works__shows_terms_and_document(world: World) -> None:
    text = signed_in(world, "reviewer").get(path("1/")).content.decode()
    assert "Contract 1" in text
    assert "&quot;action_field&quot;" in text
    assert "Deprecate" not in text


def test_document__works__is_the_contract_as_a_file(world: World) -> None:
    answer = signed_in(world, "auditor").get(path("1/document/"))
    assert answer["Content-Disposition"] == 'attachment; filename="lending-contract-1.json"'
    assert json.loads(answer.content) == Contract.objects.get(agent=world.agent).body


def test_compare__breaking_version__says_so_and_why(world: World) -> None:
    schema = contract_body()["input_schema"]
    publish(world, input_schema={**schema, "required": [*schema["required"], "savings"]})
    client = signed_in(world, "reviewer")
    text = client.get(path("compare/?old=1&new=2")).content.decode()
    assert "Version 2 may not silently replace version 1" in text
    assert "input_schema" in text or "savings" in text
    assert "Agreed with everyone who calls it." in client.get(path("2/")).content.decode()
    assert client.get(path("compare/?old=x&new=-1")).status_code == 200


def test_draft__saved_checked_and_published__is_the_next_version(world: World) -> None:
    client = signed_in(world, "agent_developer")
    assert "latency_ms" in client.get(path("draft/")).content.decode()
    saved = client.post(path("draft/"), {"act": "save", "revision": "0", "body": body(latency_ms=900)})
    assert saved.status_code == 302
    assert ContractDraft.objects.get().body["latency_ms"] == 900
    checked = client.post(path("draft/"), {"act": "check", "revision": "1", "body": body(latency_ms=900)})
    assert "Version 2 may replace version 1" in checked.content.decode()
    assert Contract.objects.filter(agent=world.agent).count() == 1
    made = client.post(
        path("draft/"), {"act": "publish", "revision": "1", "body": body(latency_ms=900)}, headers=FRAGMENT
    )
    assert made["HX-Redirect"] == path("2/")
    assert not ContractDraft.objects.exists()


def test_draft__breaks_what_was_promised__needs_a_reason_for_each_change(world: World) -> None:
    client = signed_in(world, "agent_developer")
    schema = contract_body()["input_schema"]
    narrower = {**schema, "required": [*schema["required"], "savings"]}
    given = {"act": "publish", "revision": "0", "body": body(input_schema=narrower)}
    refused = client.post(path("draft/"), given)
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "may not silently replace" in text
    assert 'name="why:' in text
    assert Contract.objects.filter(agent=world.agent).count() == 1
    named = {
        f"why:{path}" for path in contracts.examine(agent_id=world.agent.pk, body=json.loads(given["body"])).breaking
    }
    reasons = dict.fromkeys(named, "Agreed with all who call it.")
    assert client.post(path("draft/"), {**given, **reasons}).status_code == 302
    assert Contract.objects.filter(agent=world.agent).count() == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("{not json", "This is not JSON"),
        ("[1]", "A contract is a JSON object"),
        ('{"latency_ms": 0}', "latency_ms"),
    ],
)
@pytest.mark.parametrize("act", ["check", "publish"])
def test_draft__faulty__is_told_and_what_was_typed_stays(world: World, typed: str, words: str, act: str) -> None:
    answer = signed_in(world, "agent_developer").post(path("draft/"), {"act": act, "revision": "0", "body": typed})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert typed.replace('"', "&quot;") in text


def test_draft__somebody_saved_meanwhile__nothing_is_overwritten_or_lost(world: World) -> None:
    client = signed_in(world, "agent_developer")
    client.post(path("draft/"), {"act": "save", "revision": "0", "body": body(latency_ms=900)})
    late = client.post(path("draft/"), {"act": "save", "revision": "0", "body": body(latency_ms=700)})
    assert late.status_code == 409
    assert "in the meantime" in late.content.decode()
    assert "700" in late.content.decode()
    assert ContractDraft.objects.get().body["latency_ms"] == 900


def test_draft__other_roles_and_agents__may_not(world: World) -> None:
    given = {"act": "save", "revision": "0", "body": body()}
    reader = signed_in(world, "auditor", name="rita")
    for rest in ("draft/", "draft/discard/", "1/deprecate/"):
        assert reader.post(path(rest), {**given, "sunset_at": "2099-01-01", "reason": "Old."}).status_code == 403
        assert reader.post(path(rest, slug="other"), given).status_code == 404
    assert reader.get(path("draft/")).status_code == 403
    assert reader.get(path("draft/discard/")).status_code == 405
    assert reader.get(path("1/deprecate/")).status_code == 405


def test_discard__draft__is_gone(world: World) -> None:
    client = signed_in(world, "agent_developer")
    client.post(path("draft/"), {"act": "save", "revision": "0", "body": body()})
    assert client.post(path("draft/discard/")).status_code == 302
    assert not ContractDraft.objects.exists()


def test_deprecate__with_day_and_reason__is_shown_everywhere(world: World) -> None:
    client = signed_in(world, "agent_developer")
    bad = client.post(path("1/deprecate/"), {"sunset_at": "soon", "reason": "Version 2 replaces it."})
    assert bad.status_code == 422
    assert "Give the day, as 2027-01-31." in bad.content.decode()
    assert "Version 2 replaces it." in bad.content.decode()
    past = client.post(path("1/deprecate/"), {"sunset_at": "2001-01-01", "reason": ""})
    assert "Give a moment in the future" in past.content.decode()
    given = {"sunset_at": "2099-01-31", "reason": "Version 2 replaces it."}
    assert client.post(path("1/deprecate/"), given).status_code == 302
    assert "Deprecated" in client.get(path()).content.decode()
    assert "Version 2 replaces it." in client.get(path("1/")).content.decode()
    assert client.post(path("9/deprecate/"), given).status_code == 404
