"""Recording decisions."""

import pytest

from agents.models import Decision
from reviewapp.core.events.models import Event, OutboxEntry
from tests.factories import serving
from tests.factories.decisions import decided

pytestmark = pytest.mark.django_db


def test_record__automatic__is_one_row_without_event() -> None:
    row = decided(serving.world())
    assert row.status == "auto"
    assert not Event.objects.filter(type="decision.flagged").exists()


def test_record__flagged__has_its_event_in_the_outbox_with_hints_and_no_input() -> None:
    row = decided(serving.world(), serving.UNSURE_INPUT)
    event = Event.objects.get(type="decision.flagged")
    assert (event.subject_id, event.scope) == (str(row.pk), "lending")
    assert event.data["status"] == "review"
    assert event.data["reasons"] == ["low_confidence"]
    assert "input" not in event.data
    assert OutboxEntry.objects.filter(event=event).exists()


def test_record__everything_for_a_replay__is_kept() -> None:
    world = serving.world()
    row = Decision.objects.get(pk=decided(world, case_ref="c-1", unit="u-1").pk)
    assert (row.artifact_id, row.policy_version, row.slot_serial) == (world.artifact.pk, 1, 1)
    assert (row.case_ref, row.unit, row.arm) == ("c-1", "u-1", "stable")
    assert row.trace["explanation"]["score"] == 2.8
    assert row.latency_us > 0
