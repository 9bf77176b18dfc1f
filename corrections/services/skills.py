"""Skills: naming them, needing them, certifying people in them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify

from agents.selectors import visible
from corrections.models import Certificate, CertificateRevocation, CertificateWarning, Queue, Skill, SkillNeed
from corrections.selectors import rights
from corrections.selectors.skills import WARN_DAYS, grantable
from reviewapp.core import clock, events
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed

events.external("skill.made", "queue.skills_set", "certificate.granted", "certificate.revoked")

_MOST_SKILLS = 100
_LONGEST_DAYS = 3_660
_WARN = f"""
    INSERT INTO corrections_certificatewarning (certificate_id, warned_at)
    SELECT held.id, %(now)s FROM corrections_certificate held
    WHERE held.valid_until > %(now)s AND held.valid_until <= %(now)s + interval '{WARN_DAYS} days'
        AND held.valid_from <= %(now)s
        AND NOT EXISTS (SELECT FROM corrections_certificaterevocation ended WHERE ended.certificate_id = held.id)
        AND NOT EXISTS (
            SELECT FROM corrections_certificate later
            WHERE later.skill_id = held.skill_id AND later.person_id = held.person_id AND later.valid_until > held.valid_until
        )
    ON CONFLICT DO NOTHING RETURNING certificate_id
"""  # noqa: S608 - a number of the code


@transaction.atomic
def make(*, agent_id: UUID, name: str, about: str = "", by: User) -> Skill:
    """Name a skill that an agent's queues can need. Raises `Missing`, `NotAllowed`, and `Invalid` naming the field."""
    agent = visible.by_id(agent_id, by)
    rights.require_keeper(by, agent)
    words, code = name.strip(), slugify(name)[:60]
    faults: dict[str, str] = {}
    if not words or len(words) > 120 or not code or "\x00" in words:
        faults["name"] = "Give the skill a name of up to 120 characters, with letters in it."
    if len(about.strip()) > 400 or "\x00" in about:
        faults["about"] = "Use up to 400 characters."
    held = Skill.objects.filter(agent=agent)
    if held.filter(code=code).exists():
        faults["name"] = "There is a skill of this name."
    if held.count() >= _MOST_SKILLS:
        faults["name"] = f"An agent has at most {_MOST_SKILLS} skills."
    if faults:
        raise Invalid("The skill was not made.", fields=faults)
    try:
        with transaction.atomic():
            skill = Skill.objects.create(agent=agent, code=code, name=words, about=about.strip())
    except IntegrityError:
        raise Conflict("Somebody made this skill a moment ago.", code="skill_made") from None
    events.record(
        "skill.made",
        subject=("skill", str(skill.pk)),
        actor=actors.of(by),
        scope=agent.slug,
        data={"code": code, "name": words},
    )
    return skill


@transaction.atomic
def need(*, queue_id: UUID, skills: Sequence[str], by: User) -> None:
    """Let a queue give its tasks only to who is certified in these skills (codes); none for everybody who may work in it.

    What is held stays held. Raises `Missing`, `NotAllowed`, and `Invalid` at "skills".
    """
    queue = Queue.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=queue_id).first()
    if queue is None or not access.can(by, "agents.view_agent", queue.agent):
        raise Missing("This queue does not exist.")
    rights.require_keeper(by, queue.agent)
    found = {skill.code: skill for skill in Skill.objects.filter(agent=queue.agent, code__in=skills)}
    if missing := [code for code in skills if code not in found]:
        raise Invalid("Nothing was changed.", fields={"skills": f"This agent has no skill {missing[0]}."})
    before = set(SkillNeed.objects.filter(queue=queue).values_list("skill__code", flat=True))
    if before == set(found):
        return
    SkillNeed.objects.filter(queue=queue).exclude(skill__code__in=found).delete()
    SkillNeed.objects.bulk_create(
        SkillNeed(agent=queue.agent, queue=queue, skill=skill) for code, skill in found.items() if code not in before
    )
    events.record(
        "queue.skills_set",
        subject=("queue", str(queue.pk)),
        actor=actors.of(by),
        scope=queue.agent.slug,
        data={"skills": sorted(found)},
    )


@transaction.atomic
def grant(*, skill_id: UUID, to: str, valid_from: datetime, valid_until: datetime, basis: str, by: User) -> Certificate:
    """Certify the person with user name `to` in a skill for a time; `basis` says on what ground. A later one renews.

    Nobody certifies themselves. Raises `Missing`, `NotAllowed`, and `Invalid` by field.
    """
    skill = grantable(by, skill_id)
    person = User.objects.filter(username=to, is_active=True).first() if to else None
    faults: dict[str, str] = {}
    if person is None or not access.can(person, "agents.view_agent", skill.agent):
        faults["to"] = "Choose somebody who works with this agent."
    elif person.pk == by.pk:
        raise NotAllowed("Nobody certifies themselves: ask somebody else who may.", code="four_eyes")
    if valid_until <= valid_from:
        faults["valid_until"] = "Choose a day after the first one."
    elif (valid_until - valid_from).days > _LONGEST_DAYS:
        faults["valid_until"] = "Choose ten years at most."
    elif valid_until <= clock.now():
        faults["valid_until"] = "Choose a day to come."
    if not basis.strip() or len(basis.strip()) > 400 or "\x00" in basis:
        faults["basis"] = "Say on what ground, in up to 400 characters."
    if faults or person is None:
        raise Invalid("Nobody was certified.", fields=faults)
    made = Certificate.objects.create(
        skill=skill,
        person=person,
        valid_from=valid_from,
        valid_until=valid_until,
        basis=basis.strip(),
        granted_at=clock.now(),
        granted_by=by,
    )
    events.record(
        "certificate.granted",
        subject=("skill", str(skill.pk)),
        actor=actors.of(by),
        scope=skill.agent.slug,
        data={
            "certificate": str(made.pk),
            "person": str(person.pk),
            "valid_from": valid_from.isoformat(),
            "valid_until": valid_until.isoformat(),
        },
    )
    return made


@transaction.atomic
def revoke(*, certificate_id: UUID, reason: str, by: User) -> CertificateRevocation:
    """End a certificate now. Who holds a task may finish it. Raises `Missing`, `NotAllowed`, `Invalid`, and `Conflict`."""
    found = Certificate.objects.select_related("skill__agent").filter(pk=certificate_id).first()
    if found is None or not access.can(by, "agents.view_agent", found.skill.agent):
        raise Missing("This certificate does not exist.")
    rights.require_keeper(by, found.skill.agent)
    words = reason.strip()
    if not words or len(words) > 400 or "\x00" in words:
        raise Invalid("Nothing was revoked.", fields={"reason": "Say why, in up to 400 characters."})
    try:
        with transaction.atomic():
            ended = CertificateRevocation.objects.create(
                certificate=found, reason=words, revoked_at=clock.now(), revoked_by=by
            )
    except IntegrityError:
        raise Conflict("This certificate was revoked already.", code="revoked") from None
    events.record(
        "certificate.revoked",
        subject=("skill", str(found.skill_id)),
        actor=actors.of(by),
        scope=found.skill.agent.slug,
        data={"certificate": str(found.pk), "person": str(found.person_id)},
    )
    return ended


@transaction.atomic
def warn(*, now: datetime, by: events.Actor) -> int:
    """Have everybody told, once, whose last certificate in a skill ends within two weeks; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_WARN, {"now": now})
        ids = [row[0] for row in cursor.fetchall()]
    for one in Certificate.objects.filter(pk__in=ids).select_related("skill__agent"):
        events.record(
            "certificate.ending",
            subject=("skill", str(one.skill_id)),
            actor=by,
            scope=one.skill.agent.slug,
            data={"certificate": str(one.pk), "person": str(one.person_id), "valid_until": one.valid_until.isoformat()},
        )
    return CertificateWarning.objects.filter(pk__in=ids).count()
