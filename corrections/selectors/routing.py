"""Where flagged decisions go, as its page shows it and as the relay asks it."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from agents.models import Agent
from agents.selectors import contracts, facts, visible
from corrections.models import Queue, RoutingRule
from corrections.rules import routing, seen
from corrections.selectors import rights
from reviewapp.core import ids
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing

# Enough to see what a rule catches; read and evaluated in well under a tenth of a second.
TRIED = 300


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its queue; `fault` says why it cannot be told under the newest contract, `caught` how many of the newest
    flagged decisions it would send there, `tells` that being there gives away what blind review keeps back.
    """

    place: int
    name: str
    when: str
    queue: str
    queue_name: str
    fault: str = ""
    caught: int = 0
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """An agent's routing: its rules in order, its review queues (code, name), the default's code, the names rules may use.

    `tried` newest flagged decisions were tried: `fallen` of them no rule holds for, `unsure` maps a rule's name to those for
    which it could not be told. `mark` stands for the rules and the default as they were read.
    """

    agent: Agent
    may: bool
    rules: list[Rule]
    queues: list[tuple[str, str]]
    default: str
    default_name: str
    names: tuple[str, ...]
    mark: str
    tried: int
    fallen: int
    unsure: dict[str, int]


def book(user: User, slug: str, *, tried: int = TRIED) -> Book:
    """Return an agent's routing, tried on its newest flagged decisions. Raises `Missing`."""
    agent = visible.agent(user, slug)
    queues = list(Queue.objects.filter(agent=agent, kind=Queue.Kind.STANDARD))
    if not queues:
        raise Missing("This agent has no review queue yet. Make one; then rules can say what goes where.")
    default = default_of(queues)
    rows = list(RoutingRule.objects.filter(agent=agent).select_related("queue"))
    published = contracts.latest(agent.pk)
    lines = [routing.Line(row.name, row.when, row.queue_id) for row in rows]
    caught: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    cases = facts.newest_flagged(agent.pk, limit=tried) if rows and tried else []
    for one in cases:
        choice = routing.choose(lines, contracts.by_id(one.contract_id).spec, case_of(one))
        (unsure if choice.fault else caught)[choice.name] += 1
    return Book(
        agent=agent,
        may=rights.may_configure(user, agent),
        rules=[
            Rule(
                place=place,
                name=row.name,
                when=row.when,
                queue=row.queue.code,
                queue_name=row.queue.name,
                fault=_fault(row.when, published),
                caught=caught[row.name],
                tells=row.queue.blind_percent > 0 and routing.tells(row.when),
            )
            for place, row in enumerate(rows)
        ],
        queues=[(queue.code, queue.name) for queue in queues],
        default=default.code,
        default_name=default.name,
        names=seen.names(published.spec) if published else (),
        mark=mark(agent.pk),
        tried=len(cases),
        fallen=caught[""],
        unsure=dict(unsure),
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """How many of the newest `tried` flagged decisions a condition holds for, and for how many it cannot be told, with the
    first reason why not.
    """

    tried: int
    held: int
    unsure: int
    why: str


def try_rule(user: User, slug: str, *, when: str, tried: int = TRIED) -> Trial:
    """Try one condition alone on an agent's newest flagged decisions. Raises `Missing`, and `Invalid` naming `when`."""
    agent = visible.agent(user, slug)
    rights.require_keeper(user, agent)
    published = contracts.latest(agent.pk)
    text = when.strip()
    if not text or published is None:
        raise Invalid("Nothing to try.", fields={"when": "Write when the rule holds."})
    if fault := _fault(text, published):
        raise Invalid("Nothing to try.", fields={"when": fault})
    line = [routing.Line("", text, agent.pk)]
    cases = facts.newest_flagged(agent.pk, limit=tried)
    told = [routing.choose(line, contracts.by_id(one.contract_id).spec, case_of(one)) for one in cases]
    reasons = [choice.fault for choice in told if choice.fault]
    held = sum(choice.queue is not None for choice in told)
    return Trial(len(cases), held, len(reasons), reasons[0] if reasons else "")


def default_of(queues: list[Queue]) -> Queue:
    """Return where a decision goes that no rule sends elsewhere: the queue that says so, else the first in lists."""
    return next((queue for queue in queues if queue.is_default), queues[0])


def mark(agent_id: UUID) -> str:
    """Return what stands for an agent's rules and default as they are now: it differs once they do."""
    rows = RoutingRule.objects.filter(agent_id=agent_id).order_by("position")
    default = Queue.objects.filter(agent_id=agent_id, is_default=True).values_list("code", flat=True).first()
    listed = [[name, when, str(queue)] for name, when, queue in rows.values_list("name", "when", "queue_id")]
    return ids.digest({"rules": listed, "default": default or ""})


def lines(agent_id: UUID) -> list[routing.Line]:
    """Return an agent's rules in their order."""
    rows = RoutingRule.objects.filter(agent_id=agent_id).order_by("position")
    return [routing.Line(*row) for row in rows.values_list("name", "when", "queue_id")]


def case_of(decision: facts.Facts) -> seen.Case:
    """Return what rules see of a decision."""
    return seen.Case(
        input=decision.input,
        output=decision.output,
        confidence=decision.confidence,
        score=decision.score,
        status=decision.status,
        reasons=[reason["code"] for reason in decision.reasons],
        case_ref=decision.case_ref,
    )


def _fault(when: str, published: contracts.Published | None) -> str:
    if published is None:
        return ""
    try:
        seen.check(when, published.spec)
    except seen.RuleFault as fault:
        return str(fault)
    return ""
