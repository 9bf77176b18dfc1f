"""What the doctor says about signed slots, and the command of a key's replacement."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from agents.models import Slot
from agents.runtime.signing import Signer
from agents.selectors import live
from agents.services import slots
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid
from reviewapp.ops.checks import signatures
from tests.factories import serving

pytestmark = pytest.mark.django_db


def test_slots__signed__are_well_and_those_that_never_served_are_left_out() -> None:
    serving.world()
    serving.world(slug="idle", live=False)
    (finding,) = signatures.slots()
    assert (finding.subject, finding.ok) == ("lending", True)
    assert "signed until" in finding.detail


@pytest.mark.parametrize(("hours", "words"), [(17, "not renewed"), (25, "ran out")])
def test_slots__not_renewed__is_a_fault_that_names_the_task(hours: int, words: str) -> None:
    serving.world()
    with time_machine.travel(clock.now() + timedelta(hours=hours)):
        (finding,) = signatures.slots()
    assert not finding.ok
    assert words in finding.detail
    assert "worker and beat" in finding.mend


def test_slots__changed_behind_its_statement__is_a_fault() -> None:
    world = serving.world()
    Slot.objects.filter(pk=world.agent.pk).update(serial=9)
    (finding,) = signatures.slots()
    assert "serial 1, and 9 was there before" in finding.detail
    assert "release again" in finding.mend


def test_slots__database_away__says_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(live, "stamps", gone)
    assert signatures.slots() == []


def test_sign_policies__says_how_much_it_signed(capsys: Any) -> None:
    serving.world()
    call_command("sign_policies")
    assert capsys.readouterr().out == "signatures added: 1\n"


def test_sign_policies__key_was_stolen__signs_what_is_named_and_it_can_be_served(settings: Any, capsys: Any) -> None:
    world = serving.world()
    assert world.artifact is not None
    seed = secrets.token_urlsafe(32)
    settings.SIGNING_KEY, settings.TRUSTED_KEYS = seed, [Signer(seed).public]
    with pytest.raises(Invalid):
        slots.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 1), by=actors.SYSTEM)
    call_command("sign_policies", policy=[world.artifact.pk])
    call_command("sign_policies", policy=[world.artifact.pk])
    assert capsys.readouterr().out == "signatures added: 1\nsignatures added: 0\n"
    slots.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 1), by=actors.SYSTEM)
    assert signatures.slots()[0].ok


def test_sign_policies__unknown_or_damaged_policy__is_refused() -> None:
    world = serving.world()
    with pytest.raises(CommandError, match="no such policy"):
        call_command("sign_policies", policy=["sha256:none"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE agents_artifact SET body = 'other' WHERE digest = %s", [world.artifact.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(CommandError, match="do not match the digest"):
        call_command("sign_policies", policy=[world.artifact.pk])
