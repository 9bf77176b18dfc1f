"""Saying until when a contract is good."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from agents.models import Agent, Contract, ContractDeprecation
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing

events.external("contract.deprecated")


@transaction.atomic
def deprecate(
    *,
    agent_id: UUID,
    version: int,
    sunset_at: datetime,
    reason: str,
    deprecated_at: datetime | None = None,
    by: User,
) -> ContractDeprecation:
    """Say that a contract is deprecated, and when it ends; said again, the newest word counts.

    From then on answers under it carry the headers Deprecation (RFC 9745) and Sunset (RFC 8594). Nothing is switched
    off: decisions go on under it until a policy for another contract is released. `deprecated_at` is now when left out.
    Raises `Missing`, `NotAllowed` without the right to develop the agent, and `Invalid` naming the field.
    """
    agent = Agent.objects.filter(pk=agent_id).first()
    contract = Contract.objects.filter(agent_id=agent_id, version=version).first()
    if agent is None or contract is None:
        raise Missing("There is no such contract.")
    access.require(by, "agents.develop_agent", agent)
    now = clock.now()
    since = deprecated_at or now
    faults: dict[str, str] = {}
    if sunset_at <= max(since, now):
        faults["sunset_at"] = "Give a moment in the future, after the day from which the contract is deprecated."
    if not reason.strip() or len(reason) > 2_000 or "\x00" in reason:
        faults["reason"] = "Say in 1 to 2,000 characters why, and what to use instead."
    if faults:
        raise Invalid("The contract cannot be deprecated.", fields=faults)
    made = ContractDeprecation.objects.create(
        id=ids.uuid7(),
        contract=contract,
        deprecated_at=since,
        sunset_at=sunset_at,
        reason=reason.strip(),
        said_at=now,
        said_by=str(by.pk),
        said_by_label=by.display_name,
    )
    events.record(
        "contract.deprecated",
        subject=("contract", str(contract.pk)),
        actor=actors.of(by),
        scope=agent.slug,
        data={"version": version, "deprecated_at": since.isoformat(), "sunset_at": sunset_at.isoformat()},
    )
    return made
