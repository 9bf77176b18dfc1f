"""What PostgreSQL itself refuses of agents, contracts, artifacts, slots, decisions and resolutions."""

import pytest
from django.db import IntegrityError, connection, transaction

from agents.services import resolutions, slots
from reviewapp.core.accounts import actors
from tests.factories import serving
from tests.factories.decisions import decided

pytestmark = pytest.mark.django_db


def refused(statement: str, *parameters: object) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("table", ["contract", "artifact", "decision", "resolution"])
def test_append_only__update_delete_truncate__are_refused(table: str) -> None:
    world = serving.world()
    decision = decided(world, serving.UNSURE_INPUT)
    resolutions.resolve(decision_id=decision.pk, output={"action": "approve"}, source="review", by=actors.SYSTEM)
    with connection.cursor() as cursor:
        # Deferred foreign keys would refuse the TRUNCATE for a reason of their own.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    column = {"artifact": "digest"}.get(table, "id")
    assert refused(f"UPDATE agents_{table} SET {column} = {column}")  # noqa: S608 - names from this file
    assert refused(f"DELETE FROM agents_{table}")  # noqa: S608 - names from this file
    assert refused(f"TRUNCATE agents_{table} CASCADE")


def test_slot__serial_that_does_not_rise__is_refused() -> None:
    world = serving.world()
    assert refused("UPDATE agents_slot SET salt = 'x' WHERE agent_id = %s", world.agent.pk)
    assert refused("UPDATE agents_slot SET serial = serial - 1 WHERE agent_id = %s", world.agent.pk)
    assert not refused("UPDATE agents_slot SET serial = serial + 1 WHERE agent_id = %s", world.agent.pk)


def test_slot__deleting__is_refused() -> None:
    serving.world()
    assert refused("DELETE FROM agents_slot")


def test_agent__slug_and_row__stay() -> None:
    world = serving.world()
    assert refused("UPDATE agents_agent SET slug = 'other' WHERE id = %s", world.agent.pk)
    assert refused("DELETE FROM agents_agent")
    assert not refused("UPDATE agents_agent SET name = 'Other' WHERE id = %s", world.agent.pk)


def test_slot__share_over_everything__is_refused() -> None:
    world = serving.world()
    slots.switch(
        agent_id=world.agent.pk,
        stable=(world.artifact.pk, 1),
        canary=(world.artifact.pk, 2),
        canary_share=10_000,
        by=actors.SYSTEM,
    )
    assert refused("UPDATE agents_slot SET serial = serial + 1, canary_share = 10001")


def test_permissions__of_an_agent__are_those_roles_speak_of() -> None:
    assert serving.permissions() == {
        "view_agent",
        "decide",
        "develop_agent",
        "review_task",
        "adjudicate_task",
        "decide_escalation",
        "build_policy",
        "approve_policy",
        "release_policy",
        "audit_agent",
        "operate_agent",
    }
