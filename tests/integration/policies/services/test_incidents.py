"""What a guard does to a release is an incident; what a person does is not."""

import pytest
from django.db import transaction

from policies.services import releases, traffic
from reviewapp.core.accounts import actors
from reviewapp.core.incidents.models import Incident
from tests.factories import feedback
from tests.factories import learning as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    made = make.school()
    make.base(made)
    return made


@pytest.fixture
def canary(school):
    make.settle(school, 0, 60)
    return make.release(school, make.built(school))


def test_guard__rolls_back__one_incident_that_is_over(school, canary):
    with transaction.atomic():
        traffic.undo(canary, "Automatic: it was worse.", actors.SYSTEM)
    feedback.hand_on()

    row = Incident.objects.get()
    canary.refresh_from_db()
    assert (row.kind, row.key, row.scope) == ("release_rolled_back", str(canary.pk), "lending")
    assert (row.data["number"], row.data["artifact"]) == (2, canary.version.artifact_id)
    assert row.began_at == canary.started_at
    assert row.ended_at is not None
    assert row.path == f"/versions/{canary.version_id}/rollout/"
    assert [entry.text for entry in row.entries.all()] == ["Automatic: it was worse.", ""]


def test_person__rolls_back__is_no_incident(school, canary):
    releases.rollback(release_id=canary.pk, rationale="Complaints.", by=school.officer)
    feedback.hand_on()

    assert not Incident.objects.exists()


@pytest.mark.parametrize("onward", ["resume", "rollback"])
def test_guard__pauses__ends_when_the_release_goes_on_or_back(school, canary, onward):
    with transaction.atomic():
        canary.state = "paused"
        canary.save(update_fields=["state"])
        traffic.tell("paused", canary, actors.SYSTEM, {"rationale": "Automatic: too few answers."})
    feedback.hand_on()
    row = Incident.objects.get()
    assert (row.kind, row.ended_at) == ("release_paused", None)

    getattr(releases, onward)(release_id=canary.pk, rationale="Looked at it.", by=school.builder)
    feedback.hand_on()
    row = Incident.objects.get()
    assert row.ended_at is not None
