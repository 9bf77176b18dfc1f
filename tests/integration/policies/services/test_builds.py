"""Building: from settled decisions to an evaluated version, whatever dies on the way."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from policies import handlers, tasks
from policies.learning import dataset
from policies.models import Build, PolicyVersion, Snapshot
from policies.services import builds, evaluations, recipe
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


def test_run__new_verdicts__next_version_learned_from_them(school):
    make.settle(school, 0, 80)

    version = make.built(school)

    assert (version.number, version.origin, version.state) == (2, "learned", "evaluated")
    assert version.parent.number == 1
    counts = version.notes["counts"]
    assert counts["consensus"] + counts["held_out"] == 80
    assert version.evaluations.get().baseline.number == 1


def test_run__held_out_verdicts__test_and_never_train(school):
    make.settle(school, 500, 120)

    version = make.built(school)

    data = dataset.thaw(bytes(version.snapshot.body), version.snapshot.digest)
    train = {row.unit for row in data.using("train")}
    test = {row.unit for row in data.using("test")}
    assert not train & test
    assert version.notes["counts"]["held_out"] > 0


def test_run__same_snapshot_and_settings__bit_identical_policy(school):
    make.settle(school, 0, 60)
    version = make.built(school)
    settings = learning.LearningSettings.objects.get(agent_id=school.agent_id)
    contract = recipe.ContractSpec.parse(school.world.contract.body)
    parent = version.parent

    again = recipe.bake(
        version.snapshot, contract, settings, parent=(parent, evaluations.sources.policy(parent.artifact_id))
    )

    assert again.policy.digest == version.artifact_id


def test_run__nothing_settled_since__nothing_new(school):
    make.settle(school, 0, 40)
    make.built(school)

    build = builds.run(build_id=builds.request(agent_id=school.agent_id, reason="Again", by=school.builder).pk)

    assert (build.state, build.version) == ("nothing_new", None)
    assert PolicyVersion.objects.count() == 2


def test_run__finished_build__stays_as_it_is(school):
    make.settle(school, 0, 40)
    build = builds.request(agent_id=school.agent_id, reason="Test", by=school.builder)
    builds.run(build_id=build.pk)

    again = builds.run(build_id=build.pk)

    assert (again.state, again.attempts) == ("succeeded", 1)
    assert PolicyVersion.objects.count() == 2


def test_run__worker_died_before_storing__another_finishes(school, monkeypatch):
    make.settle(school, 0, 40)
    build = builds.request(agent_id=school.agent_id, reason="Test", by=school.builder)
    with monkeypatch.context() as patch:
        patch.setattr(recipe, "bake", _die)
        with pytest.raises(KeyboardInterrupt):
            builds.run(build_id=build.pk)
    _go_silent(build)

    done = builds.run(build_id=build.pk)

    assert (done.state, done.attempts) == ("succeeded", 2)
    assert Snapshot.objects.count() == 2


def test_run__worker_died_after_storing__version_is_not_made_twice(school, monkeypatch):
    make.settle(school, 0, 40)
    build = builds.request(agent_id=school.agent_id, reason="Test", by=school.builder)
    with monkeypatch.context() as patch:
        patch.setattr(evaluations, "evaluate", _die)
        with pytest.raises(KeyboardInterrupt):
            builds.run(build_id=build.pk)
    _go_silent(build)

    done = builds.run(build_id=build.pk)

    assert (done.state, done.version.number, done.version.state) == ("succeeded", 2, "evaluated")
    assert PolicyVersion.objects.count() == 2


def test_run__build_in_another_workers_hands__left_alone(school):
    build = builds.request(agent_id=school.agent_id, reason="Test", by=school.builder)
    Build.objects.filter(pk=build.pk).update(state="running", touched_at=clock.now())

    assert builds.run(build_id=build.pk).state == "running"


def test_run__learner_dies_every_time__fails_with_a_reason(school):
    build = builds.request(agent_id=school.agent_id, reason="Test", by=school.builder)
    Build.objects.filter(pk=build.pk).update(state="running", attempts=4)
    _go_silent(build)

    done = builds.run(build_id=build.pk)

    assert done.state == "failed"
    assert "4 times" in done.error


def test_run__no_first_version__fails_with_a_reason():
    made = make.school(slug="fresh")

    done = builds.run(build_id=builds.request(agent_id=made.agent_id, reason="Test", by=made.builder).pk)

    assert (done.state, done.error) == ("failed", "This agent has no first version to build upon.")


def test_request__while_one_is_open__refused_here_and_by_the_database(school):
    builds.request(agent_id=school.agent_id, reason="One", by=school.builder)

    with pytest.raises(Conflict):
        builds.request(agent_id=school.agent_id, reason="Two", by=school.builder)
    with pytest.raises(IntegrityError), transaction.atomic():
        Build.objects.create(agent_id=school.agent_id, reason="Three")


def test_request__no_right__refused(school):
    with pytest.raises(NotAllowed):
        builds.request(agent_id=school.agent_id, reason="Test", by=serving.person("ann", "reviewer"))


def test_request__agent_does_not_learn__says_what_to_do():
    world = serving.world(slug="plain")

    with pytest.raises(Invalid, match="Configure"):
        builds.request(agent_id=world.agent.pk, reason="Test", by=serving.person("bea", "policy_admin"))


def test_stale__queued_for_long_or_silent__handed_out_again(school):
    build = builds.request(agent_id=school.agent_id, reason="Test", by=school.builder)

    assert builds.stale(clock.now()) == []
    assert builds.stale(clock.now() + timedelta(seconds=30)) == [build.pk]


def test_sweep__waiting_build__is_queued_again(school, monkeypatch):
    build = builds.request(agent_id=school.agent_id, reason="Test", by=school.builder)
    Build.objects.filter(pk=build.pk).update(touched_at=clock.now() - timedelta(minutes=5))
    sent = []
    monkeypatch.setattr(tasks, "send_build", lambda **call: sent.append(call))

    assert tasks.sweep_builds() == 1
    assert sent == [{"build_id": str(build.pk)}]


def test_consider__enough_new_verdicts__the_scheduler_asks(school):
    learning.configure(agent_id=school.agent_id, auto_build=True, min_new_consensus=10, by=actors.SYSTEM)
    make.settle(school, 0, 9)
    before = builds.consider(agent_id=school.agent_id)
    make.settle(school, 9, 1)
    event = Event(type="consensus.formed", scope="lending")

    handlers.consider_build(event)
    handlers.consider_build(event)

    assert before is None
    build = Build.objects.get()
    assert (build.reason, build.requested_by) == ("10 newly settled decisions", None)


def test_consider__switched_off__nothing(school):
    make.settle(school, 0, 20)

    assert builds.consider(agent_id=school.agent_id) is None


def test_start_build__event__task_is_sent_after_commit(school, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(tasks, "send_build", lambda **call: sent.append(call))

    with django_capture_on_commit_callbacks(execute=True):
        handlers.start_build(Event(type="build.requested", subject_type="build", subject_id="b1"))
        assert sent == []

    assert sent == [{"build_id": "b1"}]


def test_run__same_correction_again_and_again__becomes_an_exception_with_its_sources(school):
    # The scorecard is held too stiff to learn it, so that only an exception can answer these cases.
    learner = {**make.LEARNER, "inverse_penalty": 0.0001}
    on = {"on": True, "min_support": 5, "alpha": 1.0}
    learning.configure(agent_id=school.agent_id, learner=learner, exceptions=on, by=actors.SYSTEM)
    make.settle(school, 0, 60)
    for at in range(500, 512):
        row = decisions.decided(school.world, {**make.inputs(at), "employed": False}, unit=f"unit {at}")
        make.settled(row, "decline")

    version = make.built(school)

    rule = evaluations.sources.policy(version.artifact_id).exceptions[0]
    assert (rule.when, rule.output) == ("has(input.employed) && input.employed == false", {"action": "decline"})
    assert rule.support == len(rule.sources) >= 5
    assert "1 exception" in version.notes["summary"]
    assert any("Employed is false: decline" in line for line in version.notes["lines"])


def test_run__agent_that_proposes_freely__keeps_settled_cases_as_examples():
    school = make.school(
        slug="helper", mode="propose", learner={"kind": "exemplars", "exemplars": 2}, gates={"min_n": 10}, evaluate=20
    )
    make.base(school)
    proposal = {"output": {"action": "approve"}, "confidence": 0.8}
    for at in range(6):
        row = decisions.decided(school.world, make.inputs(at), unit=f"unit {at}", proposal=proposal)
        make.settled(row, "decline" if at == 3 else "approve")

    version = make.built(school)

    policy = evaluations.sources.policy(version.artifact_id)
    assert policy.model == {"kind": "none"}
    assert len(policy.exemplars) == 2
    assert policy.exemplars[0]["reading"] == "People answered decline, the agent approve."


def _die(*_args: object, **_: object) -> None:
    raise KeyboardInterrupt


def _go_silent(build: Build) -> None:
    Build.objects.filter(pk=build.pk).update(touched_at=clock.now() - timedelta(minutes=5))
