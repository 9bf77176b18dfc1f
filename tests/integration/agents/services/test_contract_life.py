"""The life of a contract: drafted, held against the one before, published, deprecated; and the backlog it may have."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from agents.models import Contract, ContractDeprecation, ContractDraft, OpenDecision
from agents.selectors import contract_pages
from agents.services import contracts, deprecations, drafts, resolutions
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories import serving
from tests.factories.agents import contract_body
from tests.factories.serving import World

pytestmark = pytest.mark.django_db
WHY = "Every agent sends dollars since March."


@pytest.fixture
def world() -> World:
    return serving.world()


@pytest.fixture
def ada(world: World) -> Any:
    return serving.person("ada", "agent_developer", agent=world.agent)


def asked(world: World, document: dict[str, Any] | None = None) -> Any:
    body = json.dumps({"input": document or serving.GOOD_INPUT})
    return Client().post(world.url, body, "application/json", headers=world.auth)


def broken() -> dict[str, Any]:
    body = contract_body(version=2)
    body["input_schema"]["properties"]["amount"]["x-unit"] = "USD"
    return body


def test_publish__breaking_change_without_a_reason__is_refused_by_path(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        contracts.publish(agent_id=world.agent.pk, body=broken(), by=actors.SYSTEM)
    assert caught.value.code == "contract_breaking"
    assert "The unit changes" in caught.value.fields["acknowledged.input_schema.properties.amount.x-unit"]
    assert Contract.objects.filter(agent=world.agent).count() == 1


def test_publish__breaking_change_with_a_reason__keeps_it_in_row_and_event(world: World) -> None:
    path = "input_schema.properties.amount.x-unit"
    made = contracts.publish(agent_id=world.agent.pk, body=broken(), acknowledged={path: WHY}, by=actors.SYSTEM)
    assert [change["reason"] for change in made.changes if change["effect"] == "breaking"] == [WHY]
    assert Event.objects.get(subject_id=str(made.pk)).data["breaking"] == {path: WHY}


def test_contract__breaking_without_a_reason_by_raw_sql__database_refuses(world: World) -> None:
    with pytest.raises(IntegrityError, match="contract_breaking_answered"), transaction.atomic():
        Contract.objects.create(
            agent=world.agent,
            version=2,
            body={},
            digest="x",
            changes=[{"effect": "breaking", "path": "title", "text": "x", "reason": ""}],
            published_at=clock.now(),
            published_by="x",
        )


def test_publish__second_contract__leaves_what_serves_alone(world: World) -> None:
    contracts.publish(agent_id=world.agent.pk, body=contract_body(version=2, title="New"), by=actors.SYSTEM)
    answer = asked(world)
    assert answer.status_code == 201
    assert answer.json()["contract"] == {"version": 1}
    assert answer.json()["arm"] == "stable"


def test_publish_by__without_the_right__is_refused(world: World) -> None:
    with pytest.raises(NotAllowed):
        contracts.publish_by(agent_id=world.agent.pk, body=contract_body(version=2), by=serving.person("bo", "auditor"))


def test_draft__saved_and_published__is_gone(world: World, ada: Any) -> None:
    draft = drafts.save(agent_id=world.agent.pk, body={"title": "Later"}, revision=0, by=ada)
    assert draft.revision == 1
    assert contracts.examine(agent_id=world.agent.pk, body=draft.body).errors["mode"] == "This field is required."
    body = contract_body(version=2, title="Later")
    drafts.save(agent_id=world.agent.pk, body=body, revision=1, by=ada)
    contracts.publish_by(agent_id=world.agent.pk, body=body, by=ada)
    assert not ContractDraft.objects.exists()


def test_draft__saved_by_somebody_else_meanwhile__conflicts(world: World, ada: Any) -> None:
    drafts.save(agent_id=world.agent.pk, body={}, revision=0, by=ada)
    with pytest.raises(Conflict, match="revision 1"):
        drafts.save(agent_id=world.agent.pk, body={}, revision=0, by=ada)


def test_draft__discarded__conflicts_with_who_still_has_it_open(world: World, ada: Any) -> None:
    drafts.save(agent_id=world.agent.pk, body={}, revision=0, by=ada)
    drafts.discard(agent_id=world.agent.pk, by=ada)
    drafts.discard(agent_id=world.agent.pk, by=ada)
    with pytest.raises(Conflict, match="published or discarded"):
        drafts.save(agent_id=world.agent.pk, body={}, revision=1, by=ada)
    assert Event.objects.filter(type="contract.draft_discarded").count() == 1


def test_start__nothing_saved__begins_with_the_newest_contract(world: World, ada: Any) -> None:
    draft = contract_pages.start(ada, "lending")[1]
    assert (draft.revision, draft.body["title"]) == (0, "Small loans")
    assert contracts.examine(agent_id=world.agent.pk, body=draft.body).errors == {}


def test_deprecate__answers_carry_both_dates_within_the_same_second(world: World, ada: Any) -> None:
    assert "Deprecation" not in asked(world).headers
    sunset = clock.now() + timedelta(days=90)
    deprecations.deprecate(agent_id=world.agent.pk, version=1, sunset_at=sunset, reason="Use 2.", by=ada)
    headers = asked(world).headers
    said = ContractDeprecation.objects.get()
    assert headers["Deprecation"] == f"@{int(said.deprecated_at.timestamp())}"
    assert headers["Sunset"].endswith("GMT")
    assert 'rel="deprecation"' in headers["Link"]


def test_deprecate__again__newest_word_counts(world: World, ada: Any) -> None:
    for days in (30, 60):
        sunset = clock.now() + timedelta(days=days)
        deprecations.deprecate(agent_id=world.agent.pk, version=1, sunset_at=sunset, reason="Use 2.", by=ada)
    found = contract_pages.shelf(ada, "lending").version(1).deprecation
    assert found is not None
    assert found.sunset_at == sunset


def test_deprecate__day_gone_by_or_no_reason__is_refused_at_the_field(world: World, ada: Any) -> None:
    with pytest.raises(Invalid) as caught:
        deprecations.deprecate(agent_id=world.agent.pk, version=1, sunset_at=clock.now(), reason=" ", by=ada)
    assert set(caught.value.fields) == {"sunset_at", "reason"}


def test_backlog__flagged_and_resolved__comes_and_goes_with_them(world: World) -> None:
    asked(world)
    flagged = asked(world, serving.UNSURE_INPUT).json()
    assert flagged["status"] == "review"
    assert [str(row.decision_id) for row in OpenDecision.objects.all()] == [flagged["id"]]
    resolutions.resolve(decision_id=flagged["id"], output={"action": "decline"}, source="review", by=actors.SYSTEM)
    assert not OpenDecision.objects.exists()


def test_backlog__trigger__is_there() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgname IN ('agents_decision_open', 'agents_resolution_open')"
        )
        assert len(cursor.fetchall()) >= 2
