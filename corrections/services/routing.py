"""Saying which queue flagged decisions go to."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from agents.selectors import contracts, visible
from corrections.models import Queue, RoutingRule
from corrections.rules import routing, seen
from corrections.selectors import rights
from corrections.selectors import routing as reading
from reviewapp.core import events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid

events.external("queue.routing_changed")

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Terms:
    """A rule as it is to be: its name, its condition in CEL, and the code of a review queue of the agent."""

    name: str
    when: str
    queue: str


@transaction.atomic
def replace(*, agent_id: UUID, rules: Sequence[Terms], default: str, mark: str, by: User) -> None:
    """Let these rules, in this order, say where an agent's flagged decisions go, and the queue `default` (its code) where none
    holds; tasks that wait stay where they are.

    `mark` is that (`selectors.routing.Book.mark`) of the rules this replaces. Raises `Missing`, `NotAllowed`, `Conflict`
    when somebody changed them meanwhile, and `Invalid` by dotted path (`rules[1].when`).
    """
    agent = visible.by_id(agent_id, by)
    rights.require_keeper(by, agent)
    # The queues are the lock: two people who change the rules, or a queue's default, come one after the other.
    queues = {row.code: row for row in Queue.objects.select_for_update().filter(agent_id=agent_id, kind="standard")}
    if reading.mark(agent_id) != mark:
        raise Conflict("Somebody changed the routing meanwhile. Look at it as it is now.", code="routing_changed")
    if faults := _faults(rules, default, queues, contracts.latest(agent_id)):
        raise Invalid("The routing was not changed.", fields=faults)
    RoutingRule.objects.filter(agent_id=agent_id).delete()
    RoutingRule.objects.bulk_create(
        RoutingRule(
            agent_id=agent_id,
            position=place,
            name=rule.name.strip(),
            when=rule.when.strip(),
            queue=queues[rule.queue],
        )
        for place, rule in enumerate(rules)
    )
    if not queues[default].is_default:
        Queue.objects.filter(agent_id=agent_id, is_default=True).update(is_default=False)
        Queue.objects.filter(pk=queues[default].pk).update(is_default=True)
    events.record(
        "queue.routing_changed",
        subject=("agent", str(agent_id)),
        actor=actors.of(by),
        scope=agent.slug,
        data={
            "default": default,
            "rules": [{"name": rule.name.strip(), "when": rule.when.strip(), "queue": rule.queue} for rule in rules],
        },
    )


def _faults(
    rules: Sequence[Terms], default: str, queues: dict[str, Queue], published: contracts.Published | None
) -> dict[str, str]:
    faults: dict[str, str] = {}
    if default not in queues:
        faults["default"] = "Choose a review queue of this agent."
    if len(rules) > routing.MOST:
        faults["rules"] = f"Use at most {routing.MOST} rules."
    if published is None and rules:
        faults["rules"] = "Publish the agent's contract first: it says which fields a rule may read."
    taken: set[str] = set()
    for place, rule in enumerate(rules[: routing.MOST]):
        for field, text in _rule_faults(rule, queues, taken, published).items():
            faults[f"rules[{place}].{field}"] = text
        taken.add(rule.name.strip())
    return faults


def _rule_faults(
    rule: Terms, queues: dict[str, Queue], taken: set[str], published: contracts.Published | None
) -> dict[str, str]:
    faults: dict[str, str] = {}
    name, when = rule.name.strip(), rule.when.strip()
    if not name or len(name) > _LONGEST_NAME or "\x00" in name:
        faults["name"] = f"Give the rule a name of up to {_LONGEST_NAME} characters."
    elif name in taken:
        faults["name"] = "Another rule has this name."
    if not when:
        faults["when"] = "Write when the rule holds."
    elif "\x00" in when:
        faults["when"] = "Take out the character that cannot be stored (NUL)."
    elif published is not None:
        try:
            seen.check(when, published.spec)
        except seen.RuleFault as fault:
            faults["when"] = str(fault)
    if rule.queue not in queues:
        faults["queue"] = "Choose a review queue of this agent."
    return faults
