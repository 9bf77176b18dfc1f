"""Drafts of an agent's next contract: any object is kept as it is, faults and all, until it is published."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.contracts.schema import unstorable
from agents.models import Agent, ContractDraft
from reviewapp.core import clock, events
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing

events.external("contract.drafted")
events.external("contract.draft_discarded")


@transaction.atomic
def save(*, agent_id: UUID, body: Any, revision: int, by: User) -> ContractDraft:
    """Keep a draft and return it under its next revision.

    `revision` is the one that was read, 0 when there was none. Raises `Missing`, `NotAllowed` without the right to
    develop the agent, `Invalid` for what is no storable object, and `Conflict` when somebody saved in the meantime.
    """
    agent = _agent(agent_id, by)
    if not isinstance(body, Mapping):
        raise Invalid("The draft cannot be saved.", fields={"body": "A contract is a JSON object."})
    if faults := dict(unstorable(body)):
        raise Invalid("The draft cannot be saved.", fields=faults)
    draft = ContractDraft.objects.filter(agent=agent).first()
    if revision != (draft.revision if draft else 0):
        said = f"{draft.saved_by_label} saved revision {draft.revision}" if draft else "It was published or discarded"
        raise Conflict(f"{said} in the meantime. Load the draft again before you save.", code="draft_moved_on")
    draft = draft or ContractDraft(agent=agent, revision=0)
    draft.body, draft.revision = dict(body), draft.revision + 1
    draft.saved_at, draft.saved_by, draft.saved_by_label = clock.now(), str(by.pk), by.display_name
    draft.save()
    events.record(
        "contract.drafted",
        subject=("agent", str(agent.pk)),
        actor=actors.of(by),
        scope=agent.slug,
        data={"revision": draft.revision},
    )
    return draft


@transaction.atomic
def discard(*, agent_id: UUID, by: User) -> None:
    """Throw the draft away; nothing happens when there is none. Raises `Missing` and `NotAllowed`."""
    agent = _agent(agent_id, by)
    if ContractDraft.objects.filter(agent=agent).delete()[0]:
        subject = ("agent", str(agent.pk))
        events.record("contract.draft_discarded", subject=subject, actor=actors.of(by), scope=agent.slug, data={})


def _agent(agent_id: UUID, by: User) -> Agent:
    # The agent's row is the lock, as when publishing.
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    access.require(by, "agents.develop_agent", agent)
    return agent
