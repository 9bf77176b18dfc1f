"""Who is certified in what, and what somebody lacks to work in a queue."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from agents.models import Agent
from agents.selectors import visible
from corrections.models import Certificate, Queue, Skill, SkillNeed
from corrections.selectors import rights
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

# True when the person %(user)s is certified at %(now)s in every skill that queue `q` needs. Most queues need none: their
# few rows are looked up and found empty.
CERTIFIED = """NOT EXISTS (
        SELECT FROM corrections_skillneed need WHERE need.queue_id = q.id AND NOT EXISTS (
            SELECT FROM corrections_certificate held
            WHERE held.skill_id = need.skill_id AND held.person_id = %(user)s::int8
                AND held.valid_from <= %(now)s::timestamptz AND held.valid_until > %(now)s::timestamptz
                AND NOT EXISTS (SELECT FROM corrections_certificaterevocation ended WHERE ended.certificate_id = held.id)
        )
    )"""


@dataclass(frozen=True, slots=True)
class Lack:
    """A skill that somebody is not certified in; `ended_at` when their last certificate ended, None if they never had one."""

    skill: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody's latest certificate in a skill; `state` is valid, soon (ends within two weeks), later, ended or revoked."""

    id: UUID
    person: str
    username: str
    skill: str
    agent: str
    state: str
    valid_from: datetime
    valid_until: datetime
    basis: str
    granted_by: str
    reason: str
    mine: bool


@dataclass(frozen=True, slots=True)
class SkillRow:
    """A skill with the queues that need it and who is certified in it."""

    id: UUID
    code: str
    name: str
    about: str
    queues: list[str]
    holdings: list[Holding]


@dataclass(frozen=True, slots=True)
class Board:
    """An agent's skills; `people` (user name, name) can be certified, `may` says that the asker grants."""

    slug: str
    name: str
    may: bool
    skills: list[SkillRow]
    people: list[tuple[str, str]]


def standing(now: datetime) -> "QuerySet[Certificate]":
    """Return the certificates that hold at a moment."""
    return Certificate.objects.filter(valid_from__lte=now, valid_until__gt=now, revocation__isnull=True)


def uncertified(user: User, *, now: datetime, queue: str = "pk") -> Exists:
    """Return, for a queryset whose column `queue` names a queue, whether the person lacks a certificate that it needs."""
    held = standing(now).filter(skill=OuterRef("skill"), person=user)
    return Exists(SkillNeed.objects.filter(~Exists(held), queue=OuterRef(queue)))


def lacking(user: User, queue_ids: Collection[UUID], *, now: datetime) -> dict[UUID, list[Lack]]:
    """Return, by queue, the skills it needs and the person is not certified in; queues without are left out. One query
    where no queue needs any.
    """
    held = standing(now).filter(skill=OuterRef("skill"), person=user)
    needs = SkillNeed.objects.filter(~Exists(held), queue__in=queue_ids).select_related("skill").order_by("skill__name")
    rows = list(needs)
    if not rows:
        return {}
    ended: dict[UUID, datetime] = {}
    past = Certificate.objects.filter(person=user, skill__in={row.skill_id for row in rows}, valid_from__lte=now)
    for one in past.select_related("revocation").order_by("valid_until"):
        revocation = getattr(one, "revocation", None)
        ended[one.skill_id] = min(one.valid_until, revocation.revoked_at) if revocation else one.valid_until
    found: dict[UUID, list[Lack]] = {}
    for row in rows:
        found.setdefault(row.queue_id, []).append(Lack(row.skill.name, ended.get(row.skill_id)))
    return found


def certified(user: User, queue_id: UUID, *, now: datetime) -> bool:
    """Say whether the person is certified in everything a queue needs."""
    return not lacking(user, [queue_id], now=now)


def boards(user: User, *, now: datetime) -> list[Board]:
    """Return the skills of every agent the person may see, agents without any only for who grants."""
    agents = visible.agents(user)
    found: dict[UUID, list[Skill]] = {}
    for skill in Skill.objects.filter(agent__in=agents).prefetch_related("needed_by__queue"):
        found.setdefault(skill.agent_id, []).append(skill)
    holdings = _holdings(user, Q(skill__agent__in=agents), now)
    listed = []
    for agent in agents:
        may, skills = rights.may_configure(user, agent), found.get(agent.pk, [])
        if skills or may:
            people = (
                access.holders("agents.review_task", agent).exclude(pk=user.pk)
                if may and skills
                else User.objects.none()
            )
            listed.append(
                Board(
                    slug=agent.slug,
                    name=agent.name,
                    may=may,
                    skills=[
                        _skill(one, holdings.get(one.pk, []), user, sees_all=may or _reads_all(user, agent))
                        for one in skills
                    ],
                    people=list(people.order_by("display_name").values_list("username", "display_name")[:500]),
                )
            )
    return listed


def mine(user: User, *, now: datetime) -> list[Holding]:
    """Return a person's own latest certificate in each skill."""
    found = _holdings(user, Q(person=user), now)
    return [one for rows in found.values() for one in rows]


def of_agent(agent: Agent) -> list[tuple[str, str]]:
    """Return (code, name) of an agent's skills."""
    return list(Skill.objects.filter(agent=agent).values_list("code", "name"))


def needed(queue: Queue) -> list[str]:
    """Return the codes of the skills a queue needs."""
    return list(SkillNeed.objects.filter(queue=queue).order_by("skill__name").values_list("skill__code", flat=True))


def grantable(user: User, skill_id: UUID) -> Skill:
    """Return a skill in which the person may certify others. Raises `Missing` and `NotAllowed`."""
    skill = Skill.objects.select_related("agent").filter(pk=skill_id).first()
    if skill is None or not access.can(user, "agents.view_agent", skill.agent):
        raise Missing("This skill does not exist.")
    rights.require_keeper(user, skill.agent)
    return skill


def _reads_all(user: User, agent: Agent) -> bool:
    return access.can(user, "agents.audit_agent", agent)


def _skill(row: Skill, held: list[Holding], user: User, *, sees_all: bool) -> SkillRow:
    return SkillRow(
        id=row.pk,
        code=row.code,
        name=row.name,
        about=row.about,
        queues=[need.queue.name for need in row.needed_by.all()],
        # Who is certified in what is the business of who grants and who audits; others see their own.
        holdings=[one for one in held if sees_all or one.mine],
    )


def _holdings(user: User, which: Q, now: datetime) -> dict[UUID, list[Holding]]:
    rows = Certificate.objects.filter(which).select_related("skill__agent", "person", "granted_by", "revocation")
    latest: dict[tuple[UUID, int], Certificate] = {}
    for row in rows.order_by("granted_at", "id"):
        latest[row.skill_id, row.person_id] = row
    found: dict[UUID, list[Holding]] = {}
    for row in sorted(latest.values(), key=lambda one: (one.person.display_name, one.pk)):
        revocation = getattr(row, "revocation", None)
        found.setdefault(row.skill_id, []).append(
            Holding(
                id=row.pk,
                person=row.person.display_name,
                username=row.person.username,
                skill=row.skill.name,
                agent=row.skill.agent.name,
                state=_state(row, now, revoked=revocation is not None),
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                basis=row.basis,
                granted_by=row.granted_by.display_name,
                reason=revocation.reason if revocation else "",
                mine=row.person_id == user.pk,
            )
        )
    return found


def _state(row: Certificate, now: datetime, *, revoked: bool) -> str:
    if revoked:
        return "revoked"
    if row.valid_until <= now:
        return "ended"
    if row.valid_from > now:
        return "later"
    return "soon" if (row.valid_until - now).days < WARN_DAYS else "valid"


# So long before a certificate ends its holder and who renews it are told.
WARN_DAYS = 14
