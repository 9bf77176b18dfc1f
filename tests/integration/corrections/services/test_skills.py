"""Queues that need a certificate: nobody without one is given a task, in no way in."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from corrections.models import Certificate, CertificateWarning, Skill, SkillNeed, Task
from corrections.selectors import colleagues, queues
from corrections.selectors import skills as reading
from corrections.services import corrections, handing, skills, tasks
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from reviewapp.core.notices.models import Notice
from tests.factories.feedback import Room, flagged, hand_on, room
from tests.factories.serving import person, world

pytestmark = pytest.mark.django_db


def needing() -> tuple[Room, Skill, User]:
    """An agent whose review queue needs a skill, and who keeps it."""
    made, mei = room(), person("mei", "operator")
    skill = skills.make(agent_id=made.world.agent.pk, name="German law", by=mei)
    skills.need(queue_id=made.standard.pk, skills=["german-law"], by=mei)
    return made, skill, mei


def certify(skill: Skill, who: User, by: User, *, days: float = 300, since: datetime | None = None) -> Certificate:
    begins = since or clock.now() - timedelta(seconds=1)
    return skills.grant(
        skill_id=skill.pk,
        to=who.username,
        valid_from=begins,
        valid_until=begins + timedelta(days=days),
        basis="Exam of May.",
        by=by,
    )


def test_claim__without_a_certificate__gives_nothing_and_says_what_is_needed():
    made, _, _ = needing()
    ada = person("ada", "reviewer")
    task = Task.objects.get(decision=flagged(made))
    with pytest.raises(NotAllowed, match=r"German law \(never certified\)"):
        tasks.claim(queue_id=made.standard.pk, by=ada)
    with pytest.raises(NotAllowed, match="German law"):
        tasks.claim_one(task_id=task.pk, by=ada)
    assert queues.most_urgent(ada, now=clock.now()) is None
    assert queues.open_count(ada, now=clock.now()) == 0
    assert next(row for row in queues.queues_for(ada, now=clock.now()) if row.id == made.standard.pk).lacks == [
        "German law"
    ]


def test_claim__with_a_certificate__works_in_every_way_in():
    made, skill, mei = needing()
    ada = person("ada", "reviewer")
    certify(skill, ada, mei)
    task = Task.objects.get(decision=flagged(made))
    assert queues.most_urgent(ada, now=clock.now()) == task
    assert queues.open_count(ada, now=clock.now()) == 1
    lease = tasks.claim(queue_id=made.standard.pk, by=ada)
    assert lease is not None
    assert tasks.claim_one(task_id=task.pk, by=ada).token == lease.token


@pytest.mark.parametrize("ended", ["expired", "revoked", "later"])
def test_claim__certificate_does_not_hold_now__gives_nothing(ended):
    made, skill, mei = needing()
    ada = person("ada", "reviewer")
    now = clock.now()
    if ended == "expired":
        Certificate.objects.create(
            skill=skill,
            person=ada,
            valid_from=now - timedelta(days=9),
            valid_until=now - timedelta(seconds=1),
            basis="Exam",
            granted_at=now - timedelta(days=9),
            granted_by=mei,
        )
    elif ended == "revoked":
        skills.revoke(certificate_id=certify(skill, ada, mei).pk, reason="Wrong person.", by=mei)
    else:
        certify(skill, ada, mei, since=now + timedelta(days=1))
    flagged(made)
    with pytest.raises(NotAllowed):
        tasks.claim(queue_id=made.standard.pk, by=ada)
    (lack,) = reading.lacking(ada, [made.standard.pk], now=now + timedelta(seconds=5))[made.standard.pk]
    assert (lack.ended_at is None) is (ended == "later")


def test_submit__certificate_revoked_while_working__what_is_held_is_finished():
    made, skill, mei = needing()
    ada = person("ada", "reviewer")
    held = certify(skill, ada, mei)
    flagged(made)
    lease = tasks.claim(queue_id=made.standard.pk, by=ada)
    assert lease is not None
    skills.revoke(certificate_id=held.pk, reason="Audit.", by=mei)
    lease = tasks.renew(task_id=lease.task_id, token=lease.token, by=ada)
    done = corrections.submit(
        task_id=lease.task_id,
        token=lease.token,
        verdict="agree",
        reason_code="sound",
        justification="The payslip carries this instalment.",
        evidence=["/duration"],
        by=ada,
    )
    assert done.correction_id is not None


def test_hand_over__to_who_is_not_certified__is_refused_and_they_are_not_offered():
    made, skill, mei = needing()
    ada, bo, cy = (person(name, "reviewer") for name in ("ada", "bo", "cy"))
    certify(skill, ada, mei)
    certify(skill, cy, mei)
    flagged(made)
    lease = tasks.claim(queue_id=made.standard.pk, by=ada)
    assert lease is not None
    assert [one.username for one in colleagues.of_task(lease.task_id, ada)] == ["cy"]
    with pytest.raises(Invalid, match="not handed"):
        handing.hand_over(task_id=lease.task_id, token=lease.token, to=bo.username, by=ada)
    assert handing.hand_over(task_id=lease.task_id, token=lease.token, to="cy", by=ada).receiver


def test_grant__to_oneself_wrong_or_by_others__is_refused():
    made, skill, mei = needing()
    ada = person("ada", "reviewer")
    with pytest.raises(NotAllowed, match="Nobody certifies themselves"):
        certify(skill, mei, mei)
    with pytest.raises(NotAllowed):
        certify(skill, ada, ada)
    stranger = person("eve", "operator", agent=world(slug="elsewhere").agent)
    with pytest.raises(Missing):
        certify(skill, ada, stranger)
    now = clock.now()
    for changes, field in (
        ({"to": "nobody"}, "to"),
        ({"to": stranger.username}, "to"),
        ({"valid_until": now - timedelta(days=1)}, "valid_until"),
        ({"valid_until": now + timedelta(days=4000)}, "valid_until"),
        ({"basis": " "}, "basis"),
    ):
        terms = {"to": "ada", "valid_from": now, "valid_until": now + timedelta(days=9), "basis": "Exam", **changes}
        with pytest.raises(Invalid) as caught:
            skills.grant(skill_id=skill.pk, by=mei, **terms)
        assert list(caught.value.fields) == [field]
    assert not Certificate.objects.exists()
    assert made is not None


def test_make_and_need__what_does_not_fit__is_named():
    made, skill, mei = needing()
    for name in (" ", "x" * 121, "German law", "///"):
        with pytest.raises(Invalid):
            skills.make(agent_id=made.world.agent.pk, name=name, by=mei)
    with pytest.raises(Invalid, match="Nothing was changed"):
        skills.need(queue_id=made.standard.pk, skills=["french-law"], by=mei)
    with pytest.raises(NotAllowed):
        skills.need(queue_id=made.standard.pk, skills=[], by=person("ada", "reviewer"))
    skills.need(queue_id=made.standard.pk, skills=[], by=mei)
    assert not SkillNeed.objects.exists()
    assert Event.objects.filter(type="queue.skills_set").count() == 2
    assert skill.code == "german-law"


def test_revoke__twice__is_a_conflict():
    _, skill, mei = needing()
    held = certify(skill, person("ada", "reviewer"), mei)
    skills.revoke(certificate_id=held.pk, reason="Audit.", by=mei)
    with pytest.raises(Conflict):
        skills.revoke(certificate_id=held.pk, reason="Audit.", by=mei)


def test_warn__certificate_that_ends_soon__tells_holder_and_keepers_once_and_not_when_renewed():
    _, skill, mei = needing()
    ada, bo = person("ada", "reviewer"), person("bo", "reviewer")
    certify(skill, ada, mei, days=5)
    certify(skill, bo, mei, days=5)
    certify(skill, bo, mei, days=300)
    assert skills.warn(now=clock.now(), by=actors.SYSTEM) == 1
    assert skills.warn(now=clock.now(), by=actors.SYSTEM) == 0
    hand_on()
    told = Notice.objects.filter(topic="certificate")
    assert {one.person_id for one in told} == {ada.pk, mei.pk}
    assert CertificateWarning.objects.count() == 1
    states = {
        one.username: one.state for board in reading.boards(mei, now=clock.now()) for one in board.skills[0].holdings
    }
    assert states == {"ada": "soon", "bo": "valid"}


def test_boards__reviewer__sees_own_certificates_only():
    _, skill, mei = needing()
    ada = person("ada", "reviewer")
    certify(skill, ada, mei)
    certify(skill, person("bo", "reviewer"), mei)
    (board,) = reading.boards(ada, now=clock.now())
    assert [one.username for one in board.skills[0].holdings] == ["ada"]
    assert (board.may, board.people) == (False, [])
    (audited,) = reading.boards(person("eva", "auditor"), now=clock.now())
    assert len(audited.skills[0].holdings) == 2


def test_database__certifying_oneself_or_another_agents_skill__is_refused():
    made, skill, mei = needing()
    now = clock.now()
    terms = {"skill": skill, "valid_from": now, "basis": "x", "granted_at": now, "granted_by": mei}
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.create(person=mei, valid_until=now + timedelta(days=1), **terms)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.create(person=person("ada", "reviewer"), valid_until=now, **terms)
    elsewhere = world(slug="elsewhere").agent
    foreign = Skill.objects.create(agent=elsewhere, code="x", name="X")
    for agent in (elsewhere, made.world.agent):
        with pytest.raises(IntegrityError), transaction.atomic():
            SkillNeed.objects.create(agent=agent, queue=made.standard, skill=foreign)
