"""Who is told of versions and releases, and what became of their corrections."""

import pytest
from django.urls import resolve

from agents.models import Decision
from corrections.models import Consensus, Correction, Queue, Task
from policies.models import PolicyVersion
from policies.services import releases
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.events.models import OutboxEntry
from reviewapp.core.notices import selectors
from reviewapp.core.notices.models import Notice
from tests.factories import decisions, feedback, serving
from tests.factories import learning as make

pytestmark = pytest.mark.django_db


def hand_on() -> None:
    """Hand on what happened; nobody reviews here, so flagged decisions are left out."""
    OutboxEntry.objects.filter(event__type="decision.flagged").delete()
    feedback.hand_on()


@pytest.fixture
def school():
    made = make.school()
    make.base(made)
    hand_on()
    Notice.objects.all().delete()
    return made


def settled_by(author: User, queue: Queue, row: Decision, label: str) -> None:
    """Let a person's correction settle a decision."""
    now = clock.now()
    task = Task.objects.create(
        queue=queue, decision_id=row.id, title="A case", due_at=now, created_at=now, closed_at=now, state="done"
    )
    correction = Correction.objects.create(
        task=task, decision_id=row.id, author=author, verdict="correct", output={"action": label},
        contract_version=1, lease_token=1, digest="x", submitted_at=now,
    )  # fmt: skip
    Consensus.objects.create(
        decision_id=row.id, agent_id=row.agent_id, state="usable", output={"action": label}, label=label,
        confidence=0.95, method="one person", changed=True, corrections=[correction.pk], formed_at=now,
    )  # fmt: skip


def told(user: User) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(person=user).order_by("pk").values_list("topic", "title"))


def test_version__submitted_and_approved__tells_who_may_and_who_asked(school):
    make.settle(school, 0, 60)
    version = make.built(school)
    make.approve(school, version)
    hand_on()
    assert told(school.officer) == [("approval", "Version 2 of Lending waits for an approval")]
    assert told(school.builder) == [("version", "Version 2 of Lending was approved")]
    assert selectors.unread(school.officer) == 0


def test_release__paused_and_rolled_back_by_a_person__tells_the_others(school):
    make.settle(school, 0, 60)
    release = make.release(school, make.built(school))
    hand_on()
    Notice.objects.all().delete()
    operator = serving.person("otto", "operator", agent=school.world.agent)
    releases.pause(release_id=release.pk, rationale="Odd answers.", by=school.builder)
    releases.rollback(release_id=release.pk, rationale="Odd answers.", by=school.builder)
    hand_on()
    titles = ["The release of version 2 of Lending was paused", "The release of version 2 of Lending was rolled back"]
    assert [title for _, title in told(operator)] == titles
    assert told(school.builder) == []
    for path in Notice.objects.values_list("path", flat=True):
        resolve(path)


def test_live__authors_of_what_is_new_in_it__are_told_how_much(school):
    make.settle(school, 0, 58)
    author = serving.person("amina", "reviewer", agent=school.world.agent)
    queue = Queue.objects.create(agent_id=school.agent_id, code="review", name="Review")
    for at in (58, 59):
        settled_by(author, queue, decisions.decided(school.world, make.inputs(at)), make.truth(at))
    version = make.built(school)
    assert PolicyVersion.objects.get(pk=version.pk).snapshot is not None
    release = make.release(school, version, plan=make.PLAN[:1])
    releases.advance(release_id=release.pk, by=school.builder, rationale="It does well on every case seen.")
    hand_on()
    (notice,) = Notice.objects.filter(person=author)
    assert notice.topic == "learned"
    assert notice.text == "2 corrections of yours are among what it learned from for the first time."
    assert notice.path == f"/versions/{release.version_id}/"
