"""What the doctor says about signed slots, and the command of a key's replacement."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError

from agents.models import Slot
from agents.selectors import live
from reviewapp.core import clock
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
    assert capsys.readouterr().out == "1 signatures added\n"
