"""Revoking versions: out of traffic at once, and never back."""

import pytest
from django.test import Client

from agents.models import Slot
from agents.selectors import trust
from policies.models import PolicyVersion, Release
from policies.selectors import actions, rollouts
from policies.services import releases, revoking
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories import learning as make
from tests.factories import serving

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


def _version(number):
    return PolicyVersion.objects.get(number=number)


def _slot(school):
    slot = Slot.objects.get(agent=school.agent_id)
    return slot.stable_version, slot.canary_version, slot.canary_share


def test_revoke__in_rollout__the_stable_version_takes_all(school, canary):
    done = revoking.revoke(version_id=canary.version_id, rationale="Learned from spoilt data.", by=school.builder)

    assert done.state == "rolled_back"
    assert _slot(school) == (1, None, 0)
    assert trust.read(trust.newest(school.agent_id)).revoked == (canary.version.artifact_id,)
    assert Event.objects.filter(type="version.revoked", subject_id=str(canary.version_id)).count() == 1


def test_revoke__serving__goes_back_to_the_one_before(school, canary):
    for _ in range(2):
        releases.advance(release_id=canary.pk, by=school.builder)
    assert _slot(school) == (2, None, 0)

    revoking.revoke(version_id=canary.version_id, rationale="It refuses everybody.", by=school.builder)

    assert _slot(school) == (1, None, 0)
    assert _version(1).state == "live"


def test_revoke__serving_and_nothing_before__serves_nothing(school, canary):
    revoking.revoke(version_id=_version(1).pk, rationale="It refuses everybody.", by=school.builder)

    assert _slot(school) == (None, None, 0)
    assert set(Release.objects.values_list("state", flat=True)) == {"rolled_back"}
    assert {_version(1).state, _version(2).state} == {"rolled_back"}


def test_revoke__serving_and_the_one_before_revoked__serves_nothing(school, canary):
    for _ in range(2):
        releases.advance(release_id=canary.pk, by=school.builder)
    revoking.revoke(version_id=_version(1).pk, rationale="Old and wrong.", by=school.builder)
    with pytest.raises(Conflict, match="it was revoked"):
        releases.rollback(release_id=canary.pk, rationale="Back", by=school.builder)
    assert rollouts.page(school.builder, canary.version_id).rollback_targets == ()

    revoking.revoke(version_id=canary.version_id, rationale="New and wrong.", by=school.builder)

    assert _slot(school) == (None, None, 0)


def test_revoke__approved__cannot_be_released(school):
    make.settle(school, 0, 60)
    version = make.approve(school, make.built(school))
    revoking.revoke(version_id=version.pk, rationale="Found out in time.", by=serving.person("olaf", "operator"))

    with pytest.raises(Conflict, match="revoked"):
        releases.start(version_id=version.pk, by=school.builder)
    offered = {one.code: one for one in actions.of_version(school.builder, version, None, None, "")}
    assert offered["release"].why_not == "It was revoked."
    assert "revoke" not in offered


def test_revoke__twice_unknown_without_reason_or_right__is_refused(school, canary):
    with pytest.raises(Invalid) as caught:
        revoking.revoke(version_id=canary.version_id, rationale=" ", by=school.builder)
    assert set(caught.value.fields) == {"rationale"}
    with pytest.raises(NotAllowed):
        revoking.revoke(version_id=canary.version_id, rationale="Why", by=serving.person("ann", "reviewer"))
    with pytest.raises(Missing):
        revoking.revoke(version_id=canary.pk, rationale="Why", by=school.builder)
    revoking.revoke(version_id=canary.version_id, rationale="Why", by=school.builder)
    with pytest.raises(Conflict, match="revoked already"):
        revoking.revoke(version_id=canary.version_id, rationale="Why", by=school.builder)


def test_page__revoke__asks_for_a_reason_then_says_it(school, canary):
    client = Client()
    client.force_login(school.builder)
    address = f"/versions/{canary.version_id}/"

    assert b"Revoke for ever" in client.get(f"{address}rollout/").content
    refused = client.post(f"{address}revoke", {"rationale": ""})
    assert refused.status_code == 422
    assert b'id="why-revoke-e"' in refused.content
    assert b'id="why-back-e"' not in refused.content
    done = client.post(f"{address}revoke", {"rationale": "Spoilt <data>."}, follow=True)
    assert b"Spoilt &lt;data&gt;." in done.content
    assert b"Revoke for ever" not in done.content
    assert client.get(f"{address}revoke").status_code == 405


def test_page__revoke__who_may_only_read_or_sees_nothing__is_refused(school, canary):
    address = f"/versions/{canary.version_id}/"
    reader, stranger = Client(), Client()
    reader.force_login(serving.person("astrid", "auditor"))
    stranger.force_login(serving.person("nina"))

    assert b"Revoke for ever" not in reader.get(f"{address}rollout/").content
    assert reader.post(f"{address}revoke", {"rationale": "Why"}).status_code == 403
    assert stranger.post(f"{address}revoke", {"rationale": "Why"}).status_code == 404


def test_api__revoke__answers_with_the_version(school, canary):
    key = serving.personal_key(school.builder, "policies")
    answer = Client().post(
        f"/api/v1/versions/{canary.version_id}/revoke",
        {"rationale": "Spoilt data."},
        "application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "rolled_back")
