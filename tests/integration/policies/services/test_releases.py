"""Releasing: first version, stages, pause, roll back by one call, and by the guards."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from agents.selectors import policies as artifacts
from policies.models import GuardReading, PolicyVersion, Release
from policies.services import builds, evaluations, guards, releases, versions
from policies.services import settings as learning
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories import decisions, serving
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


def _slot(school):
    found = artifacts.slot(school.agent_id)
    return (found.stable_version, found.canary_version, found.canary_share)


def _states():
    return dict(PolicyVersion.objects.values_list("number", "state"))


def test_start__first_version__serves_at_once(school):
    release = Release.objects.get()

    assert (release.kind, release.state, release.version.state) == ("whole", "live", "live")
    assert _slot(school) == (1, None, 0)
    assert Event.objects.filter(type="release.live").count() == 1


def test_start__second_version__takes_the_first_stage(school, canary):
    assert (canary.state, canary.share_bp) == ("canary", 1000)
    assert _slot(school) == (1, 2, 1000)
    assert _states() == {1: "live", 2: "releasing"}


def test_start__not_approved__refused(school):
    make.settle(school, 0, 60)
    version = make.built(school)

    with pytest.raises(Conflict) as caught:
        releases.start(version_id=version.pk, by=school.builder)

    assert caught.value.code == "not_approved"


def test_start__evaluated_again_since_the_approval__refused(school):
    make.settle(school, 0, 60)
    version = make.approve(school, make.built(school))
    learning.configure(agent_id=school.agent_id, gates={"max_broken": 0.4}, by=actors.SYSTEM)
    evaluations.evaluate(version_id=version.pk)

    with pytest.raises(Conflict) as caught:
        releases.start(version_id=version.pk, by=school.builder)

    assert caught.value.code == "binding_changed"


def test_start__another_roll_out_is_open__refused_here_and_by_the_database(school, canary):
    make.settle(school, 100, 40)
    version = make.approve(school, make.built(school))

    with pytest.raises(Conflict):
        releases.start(version_id=version.pk, by=school.builder)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(
            agent_id=school.agent_id, version=version, kind="staged", plan=make.PLAN, state="canary", salt="s",
            approval=version.approval, started_by=school.builder,
        )  # fmt: skip


def test_start__no_right__refused(school):
    make.settle(school, 0, 60)
    version = make.approve(school, make.built(school))

    with pytest.raises(NotAllowed):
        releases.start(version_id=version.pk, by=serving.person("ann", "operator"))


def test_advance__through_all_stages__live_and_the_old_one_superseded(school, canary):
    releases.advance(release_id=canary.pk, by=school.builder)
    middle = _slot(school)
    done = releases.advance(release_id=canary.pk, by=school.builder)

    assert middle == (1, 2, 5000)
    assert done.state == "live"
    assert _slot(school) == (2, None, 0)
    assert _states() == {1: "superseded", 2: "live"}
    assert list(Release.objects.order_by("id").values_list("state", flat=True)) == ["superseded", "live"]


def test_advance__stage_asks_for_decisions__waits_for_them(school):
    make.settle(school, 0, 60)
    plan = [{"share_bp": 9000, "min_decisions": 3, "min_minutes": 0}]
    release = make.release(school, make.built(school), plan=plan)

    with pytest.raises(Conflict) as caught:
        releases.advance(release_id=release.pk, by=school.builder)
    for at in range(12):
        decisions.decided(school.world, make.inputs(at), unit=f"new {at}")
    releases.advance(release_id=release.pk, by=school.builder)

    assert caught.value.extra["waiting"] == "3 of 3 decisions to go"


def test_pause_and_resume__share_goes_and_comes_back(school, canary):
    releases.pause(release_id=canary.pk, rationale="Credit bureau unreachable.", by=serving.person("olaf", "operator"))
    paused = _slot(school)
    with pytest.raises(Conflict):
        releases.advance(release_id=canary.pk, by=school.builder)
    releases.resume(release_id=canary.pk, rationale="Back again.", by=school.builder)

    assert paused == (1, None, 0)
    assert _slot(school) == (1, 2, 1000)


def test_rollback__open_roll_out__stable_has_all_traffic(school, canary):
    back = releases.rollback(release_id=canary.pk, rationale="Complaints.", by=school.officer)

    assert back.version.number == 1
    assert _slot(school) == (1, None, 0)
    assert _states() == {1: "live", 2: "rolled_back"}
    event = Event.objects.get(type="release.rolled_back")
    assert (event.actor_label, event.data["rationale"]) == (school.officer.display_name, "Complaints.")


def test_rollback__live_version__one_call_to_the_replaced_one(school, canary):
    _live(school, canary)

    back = releases.rollback(release_id=canary.pk, rationale="Worse in the field.", by=school.builder)

    assert (back.kind, back.state, back.version.number, back.replaces.number) == ("rollback", "live", 1, 2)
    assert _slot(school) == (1, None, 0)
    assert _states() == {1: "live", 2: "rolled_back"}


def test_rollback__to_an_earlier_version__skips_the_ones_between_and_ends_an_open_roll_out(school, canary):
    first = PolicyVersion.objects.get(number=1)
    _live(school, canary)
    make.settle(school, 100, 50)
    third = make.release(school, make.built(school))
    _live(school, third)
    make.settle(school, 200, 50)
    fourth = make.release(school, make.built(school))

    back = releases.rollback(
        release_id=third.pk, rationale="Back to the start.", by=school.builder, to_version_id=first.pk
    )

    fourth.refresh_from_db()
    assert back.version.number == 1
    assert fourth.state == "rolled_back"
    assert _slot(school) == (1, None, 0)
    assert _states() == {1: "live", 2: "superseded", 3: "rolled_back", 4: "rolled_back"}


def test_rollback__to_a_version_that_never_served__refused(school, canary):
    _live(school, canary)
    make.settle(school, 100, 50)
    unreleased = make.built(school)

    with pytest.raises(Conflict) as caught:
        releases.rollback(release_id=canary.pk, rationale="Try.", by=school.builder, to_version_id=unreleased.pk)

    assert caught.value.code == "bad_target"


def test_rollback__no_reason__refused(school, canary):
    with pytest.raises(Invalid):
        releases.rollback(release_id=canary.pk, rationale=" ", by=school.builder)


def test_rollback__reviewer__refused(school, canary):
    with pytest.raises(NotAllowed):
        releases.rollback(release_id=canary.pk, rationale="No.", by=serving.person("ann", "reviewer"))


def test_watch__quiet_roll_out__keeps_readings_once(school, canary):
    first = guards.watch(release_id=canary.pk)
    guards.watch(release_id=canary.pk)

    assert first == "hold"
    assert sorted(GuardReading.objects.values_list("code", flat=True)) == ["faults", "load", "worse"]


def test_watch__canary_is_wrong_where_stable_is_right__rolls_back_by_itself(school):
    # A version that learned from verdicts turned upside down, released in spite of it (the gates are opened wide).
    learning.configure(agent_id=school.agent_id, gates=_OPEN, by=actors.SYSTEM)
    for at in range(80):
        row = decisions.decided(school.world, make.inputs(at), unit=f"unit {at}")
        make.settled(row, "approve" if make.truth(at) == "decline" else "decline")
    bad = make.release(school, make.built(school))
    for at in range(300, 420):
        row = decisions.decided(school.world, make.inputs(at), unit=f"unit {at}")
        make.settled(row, make.truth(at))

    verdict = guards.watch(release_id=bad.pk)

    bad.refresh_from_db()
    assert (verdict, bad.state) == ("roll_back", "rolled_back")
    assert _slot(school) == (1, None, 0)
    event = Event.objects.get(type="release.rolled_back")
    assert event.actor_kind == "system"
    assert "worse beyond doubt" in event.data["rationale"]


def test_watch__paused_or_ended__left_alone(school, canary):
    releases.pause(release_id=canary.pk, rationale="Hold.", by=school.builder)

    assert guards.watch(release_id=canary.pk) == "hold"
    assert guards.open_releases() == []


def test_evaluate__rolled_back_version__may_be_submitted_again(school, canary):
    releases.rollback(release_id=canary.pk, rationale="Complaints.", by=school.officer)
    learning.configure(agent_id=school.agent_id, gates={"max_broken": 0.4}, by=actors.SYSTEM)

    evaluations.evaluate(version_id=canary.version_id)
    versions.submit(version_id=canary.version_id, plan=None, by=school.builder)

    assert _states() == {1: "live", 2: "submitted"}


def test_consider__roll_out_is_open__a_build_may_still_run(school, canary):
    make.settle(school, 100, 30)

    assert builds.run(build_id=builds.request(agent_id=school.agent_id, reason="Next", by=None).pk).state == "succeeded"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE policies_release SET state = 'live', live_at = now() WHERE id = %s",
        "UPDATE policies_release SET plan = '[]' WHERE id = %s",
        "UPDATE policies_release SET started_at = now() WHERE id = %s",
        "DELETE FROM policies_release WHERE id = %s",
    ],
)
def test_database__raw_change_of_an_ended_release__refused(school, canary, change):
    releases.rollback(release_id=canary.pk, rationale="Complaints.", by=school.officer)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [canary.pk])


def test_advance__minimum_time__counts_from_the_stage(school):
    make.settle(school, 0, 60)
    release = make.release(school, make.built(school), plan=[{"share_bp": 500, "min_decisions": 0, "min_minutes": 90}])

    with pytest.raises(Conflict, match="1 h 30 min to go"):
        releases.advance(release_id=release.pk, by=school.builder)
    Release.objects.filter(pk=release.pk).update(stage_started_at=clock.now() - timedelta(minutes=91))

    assert releases.advance(release_id=release.pk, by=school.builder).state == "live"


_OPEN = {"error_margin": 1, "max_broken": 1, "max_automated_error": 1, "max_confidence_gap": 1, "automated_margin": 1}


def _live(school, release):
    release.refresh_from_db()
    while release.state != "live":
        release = releases.advance(release_id=release.pk, by=school.builder)
