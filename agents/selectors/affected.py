"""Which decisions something that went wrong touched: counted over a bounded number of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet

from agents.models import Agent, Decision, WebhookDelivery
from agents.selectors import contracts, tally, visible

# So many decisions of a period are looked at, and so many are listed.
MOST, LISTED = 20_000, 8
# Of messages every body is read.
_MESSAGES = 1_000


@dataclass(frozen=True, slots=True)
class Touched:
    """One decision as lists show it; what it came to is on its own page."""

    id: UUID
    title: str
    status_label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Affected:
    """How many decisions were touched, of how many that were looked at, and the newest of them.

    `cut` says that the period held more than were looked at. `rows` is empty for who may not see the agent's decisions.
    """

    number: int
    looked_at: int
    cut: bool
    rows: list[Touched]


def by_policy(asker: Any, agent_id: UUID, digest: str | None, since: datetime, until: datetime) -> Affected:
    """Return the decisions of an agent between two moments that one policy made, or none could (`digest` None)."""
    looked = list(_made(agent_id, since, until).values_list("id", "artifact_id")[: MOST + 1])
    found = [key for key, artifact in looked[:MOST] if artifact == digest]
    return _affected(asker, agent_id, found, min(len(looked), MOST), cut=len(looked) > MOST)


def in_period(asker: Any, agent_id: UUID, since: datetime, until: datetime) -> Affected:
    """Return the decisions of an agent between two moments."""
    found = list(_made(agent_id, since, until).values_list("id", flat=True)[: MOST + 1])
    return _affected(asker, agent_id, found[:MOST], min(len(found), MOST), cut=len(found) > MOST)


def by_webhook(asker: Any, agent_id: UUID, endpoint_id: UUID, since: datetime, until: datetime) -> Affected:
    """Return the decisions whose answers could not be sent to an address between two moments: late by now, or lost."""
    sent = WebhookDelivery.objects.filter(
        endpoint_id=endpoint_id, type__startswith="countersign.decision.", created_at__gte=since, created_at__lt=until
    )
    bodies = list(sent.order_by("-id").values_list("body", flat=True)[: _MESSAGES + 1])
    found = list(dict.fromkeys(UUID(orjson.loads(body)["subject"]) for body in bodies[:_MESSAGES]))
    return _affected(asker, agent_id, found, len(bodies[:_MESSAGES]), cut=len(bodies) > _MESSAGES)


def by_ids(asker: Any, keys: list[UUID], *, cut: bool) -> Affected:
    """Return these decisions, newest first; listed are those of agents that the asker may see."""
    found = sorted(keys, reverse=True)
    seen = {agent.pk for agent in visible.agents(asker)}
    rows = Decision.objects.filter(pk__in=found[:LISTED], agent_id__in=seen).order_by("-id")
    return Affected(len(found), len(found), cut, [_row(one) for one in rows])


def _made(agent_id: UUID, since: datetime, until: datetime) -> QuerySet[Decision]:
    first, last = tally.first_id(since), UUID(int=(int(until.timestamp() * 1000) + 1) << 80)
    return Decision.objects.filter(agent_id=agent_id, id__gte=first, id__lt=last).order_by("-id")


def _affected(asker: Any, agent_id: UUID, found: list[UUID], looked_at: int, *, cut: bool) -> Affected:
    agent = Agent.objects.filter(pk=agent_id).first()
    seen = found[:LISTED] if agent is not None and visible.may_view(asker, agent) else []
    return Affected(len(found), looked_at, cut, [_row(one) for one in _rows(seen)])


def _rows(keys: list[UUID]) -> QuerySet[Decision]:
    return Decision.objects.filter(pk__in=keys).order_by("-id")


def _row(one: Decision) -> Touched:
    title = contracts.by_id(one.contract_id).spec.case_title(one.input)
    return Touched(one.pk, title, str(Decision.Status(one.status).label), one.decided_at)
