"""One of everything, made once by the services a person would use."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from agents.models import Decision
from agents.selectors import contract_pages
from agents.services import contracts, deprecations, drafts, outcomes, revocations, webhooks
from corrections.models import Attachment, Correction, DeadlineAction, Escalation, Queue, Task
from corrections.services import blind, calendars, handing, recalling, searching, skills, tasks, undoing
from policies.models import Build, PolicyVersion, Release
from policies.services import guards
from reviewapp.core import blobs, clock, ids
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import ApiKey, User
from reviewapp.core.incidents import declaring
from reviewapp.core.incidents import services as incidents
from reviewapp.core.notices.models import Notice
from reviewapp.core.notices.services import telling
from tests.factories import features, feedback, learning, serving
from tests.factories.agents import contract_body

# Stands in the agents' names, so that a page that shows one of them can be caught.
MARKER = "Zanzibar"


@dataclass
class Everything:
    """What an address may name, by the name of its part; who holds every role, and who holds none."""

    parts: dict[str, Any]
    secrets: tuple[str, ...]
    everyone: User
    nobody: User


@pytest.fixture(scope="package")
def _everything(django_db_setup, django_db_blocker) -> Iterator[Everything]:
    with django_db_blocker.unblock(), transaction.atomic():
        school = learning.school(slug="zanzibar-school")
        learning.base(school)
        learning.settle(school, 0, 60)
        release = learning.release(school, learning.built(school))
        guards.watch(release_id=release.pk)

        room = feedback.room(slug="zanzibar")
        amina = serving.person("amina", "reviewer", agent=room.world.agent)
        escalated = feedback.flagged(room, amount=20_000.0)
        feedback.submit(Task.objects.get(decision=escalated), amina)
        settled = feedback.flagged(room)
        feedback.submit(Task.objects.get(decision=settled), amina)
        feedback.hand_on()
        undone = feedback.flagged(room, duration=26)
        done = feedback.submit(Task.objects.get(decision=undone), amina, hold_seconds=30)
        undoing.undo(correction_id=done.correction_id, by=amina)
        misread = feedback.flagged(room, duration=29)
        taken_back_later = feedback.submit(Task.objects.get(decision=misread), amina)
        feedback.hand_on()
        recalling.recall(correction_id=taken_back_later.correction_id, reason="Misread.", by=amina)
        feedback.hand_on()
        serving.person("sara", "reviewer", agent=room.world.agent)
        shared = feedback.flagged(room, duration=27)
        handed = tasks.claim_one(task_id=Task.objects.get(decision=shared).pk, by=amina)
        handing.hand_over(task_id=handed.task_id, token=handed.token, to="sara", by=amina)
        Queue.objects.filter(pk=room.standard.pk).update(blind_percent=100)
        hidden = Task.objects.get(decision=feedback.flagged(room, duration=28))
        own = tasks.claim_one(task_id=hidden.pk, by=amina)
        blind.record(task_id=hidden.pk, token=own.token, output={"action": "decline"}, by=amina)
        Queue.objects.filter(pk=room.standard.pk).update(blind_percent=0)
        waiting = feedback.flagged(room, duration=25)

        typed = {"type": "object", "properties": {"repaid": {"type": "boolean"}}}
        body = contract_body(agent="zanzibar", version=2, outcome_schema=typed)
        contracts.publish(agent_id=room.world.agent.pk, body=body, by=actors.SYSTEM)
        outcomes.record(decision=settled, outcome={"repaid": True}, observed_at=clock.now(), by=actors.SYSTEM)

        features.send(features.view(room.world.agent), features.row())
        taken_back = serving.store(room.world.agent, guidance="Never served.")
        revocations.revoke(digest=taken_back.pk, reason="It was a mistake.", by=actors.SYSTEM)

        everyone = serving.person("eva", *_roles())
        own_case = feedback.flagged(room, duration=30)
        feedback.submit(Task.objects.get(decision=own_case), everyone)
        feedback.hand_on()
        draft = contract_pages.start(everyone, "zanzibar")[1]
        drafts.save(agent_id=room.world.agent.pk, body=draft.body, revision=0, by=everyone)
        deprecations.deprecate(
            agent_id=room.world.agent.pk,
            version=1,
            sunset_at=clock.now() + timedelta(days=90),
            reason="The next version follows.",
            by=everyone,
        )
        hook, _ = webhooks.add(agent_id=room.world.agent.pk, url="https://hooks.example/cs", by=everyone)
        message = webhooks.test(endpoint_id=hook.pk, by=everyone)
        telling.tell(event_id=ids.uuid7(), topic="release", people=[everyone.pk], title="Told", path="/preferences/")
        file = Attachment.objects.create(
            task=Task.objects.get(decision=waiting),
            uploader=everyone,
            name="letter.txt",
            kind="txt",
            media_type="text/plain",
            size=6,
            digest=blobs.store().put(b"letter"),
            uploaded_at=clock.now(),
        )
        DeadlineAction.objects.create(
            task=Task.objects.get(decision=waiting), moment="breach", action="raise", acted_at=clock.now()
        )
        skill = skills.make(agent_id=room.world.agent.pk, name="Zanzibar law", by=everyone)
        now = clock.now()
        terms = {"to": "amina", "basis": "Exam", "by": everyone}
        brief = skills.grant(skill_id=skill.pk, valid_from=now, valid_until=now + timedelta(days=3), **terms)
        skills.warn(now=clock.now(), by=actors.SYSTEM)
        skills.revoke(certificate_id=brief.pk, reason="Renewed.", by=everyone)
        certificate = skills.grant(skill_id=skill.pk, valid_from=now, valid_until=now + timedelta(days=400), **terms)
        skills.need(queue_id=room.senior.pk, skills=[skill.code], by=everyone)
        calendar = calendars.keep(
            agent_id=room.world.agent.pk,
            name="Zanzibar office",
            time_zone="Africa/Dar_es_Salaam",
            hours={"mon": ["09:00-17:00"]},
            queues=["review"],
            by=everyone,
        )
        broken = incidents.begin(
            kind="webhook_disabled",
            key=str(hook.pk),
            agent=(room.world.agent.pk, "zanzibar"),
            data={"agent": room.world.agent.name},
            began_at=clock.now(),
            by=actors.SYSTEM,
        )
        action = declaring.plan(
            number=broken.pk, what="Watch the receiver", owner="eva", due=clock.now().date(), by=everyone
        )
        yield Everything(
            parts={
                "agent": "zanzibar",
                "slug": "zanzibar",
                "number": broken.pk,
                "action_id": action.pk,
                "topic": "reviewing",
                "correction_id": Correction.objects.get(decision=own_case).pk,
                "decision_id": waiting.pk,
                "version": 1,
                "webhook_id": hook.pk,
                "delivery_id": message.pk,
                "view": "applicant",
                "entity": "a-1",
                "notice_id": Notice.objects.filter(person=everyone).latest("pk").pk,
                "skill_id": skill.pk,
                "certificate_id": certificate.pk,
                "calendar": calendar.code,
                "calendar_id": calendar.pk,
                "view_id": searching.save_view(name="Mine", kind="tasks", query="", by=everyone).pk,
                "queue_id": room.standard.pk,
                "task_id": Task.objects.get(decision=waiting).pk,
                "attachment_id": file.pk,
                "escalation_id": Escalation.objects.get(correction__decision=escalated).pk,
                "build_id": Build.objects.latest("created_at").pk,
                "version_id": PolicyVersion.objects.get(agent=school.agent_id, number=2).pk,
                "release_id": Release.objects.get(pk=release.pk).pk,
                "key_id": ApiKey.objects.get(service__agent_id=room.world.agent.pk).pk,
            },
            secrets=(MARKER, *(str(key) for key in Decision.objects.values_list("pk", flat=True))),
            everyone=everyone,
            nobody=serving.person("nina"),
        )
        transaction.set_rollback(True)


@pytest.fixture
def everything(_everything, db) -> Everything:
    """The world, in a savepoint of its own."""
    return _everything


def _roles() -> tuple[str, ...]:
    return (
        "reviewer",
        "senior_reviewer",
        "risk_officer",
        "policy_admin",
        "auditor",
        "agent_developer",
        "operator",
    )
