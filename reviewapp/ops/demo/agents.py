"""The three agents of the demo: registered, under contract, with queues, a learned first version, released."""

from dataclasses import dataclass
from typing import Any

from agents.models import Agent
from agents.services import agents, contracts
from corrections.models import Queue
from corrections.services import calendars, deadlines, queues
from policies.models import PolicyVersion
from policies.services import evaluations, reference, releases, settings, versions
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.ops.demo import datasets, record, splits

PLAN = [
    {"share_bp": 1000, "min_decisions": 0, "min_minutes": 0},
    {"share_bp": 5000, "min_decisions": 0, "min_minutes": 0},
]


@dataclass(frozen=True, slots=True)
class Team:
    """Who signs: the builder submits, the approver decides."""

    builder: User
    approver: User
    developer: User


def credit(team: Team) -> Agent:
    """Make the consumer credit agent. Its stream and hold-out stay untouched: they belong to the simulation."""
    split = splits.credit()
    agent = _register(
        "credit", "Consumer credit", "Decides on instalment loans of a retail bank.", "decide", team, seats=2
    )
    settings.configure(
        agent_id=agent.pk,
        learner={
            "kind": "scorecard",
            "classes": ["decline", "approve"],
            "outputs": {
                "approve": {
                    "decision": {"const": "approve"},
                    "credit_limit": {"input": "credit_amount"},
                    "conditions": {"const": []},
                },
                "decline": {
                    "decision": {"const": "decline"},
                    "credit_limit": {"const": None},
                    "conditions": {"const": []},
                },
            },
        },
        # With some 150 cases to judge by, a narrower margin would leave most evaluations inconclusive.
        gates={"error_margin": 0.08},
        default_plan=PLAN,
        min_new_consensus=40,
        holdout_share_bp=1000,
        seed=7,
        # A person asks for each version, so that a simulation's rounds learn from the same cases on every run.
        auto_build=False,
        by=actors.of(team.builder),
    )
    _reference(agent, split, datasets.CREDIT_SOURCE)
    guardrails = [
        {
            "id": "R-001",
            "title": "Overdrawn account and past delays",
            "when": "input.checking_account == 'overdrawn' && input.credit_history == 'past delays'",
            "action": "review",
            "text": "An overdrawn account with past delays is always seen by a person.",
        },
        {
            "id": "R-002",
            "title": "Long credit without known property",
            "when": "input.duration_in_month >= 48 && input.property == 'unknown or none'",
            "action": "review",
            "text": "Four years and more without known property is seen by a person.",
        },
    ]
    # No random sample: it is drawn by decision id, and a simulation with the same seed must see the same cases.
    autonomy = _autonomy(0.7, sample_rate=0.0)
    first_version(agent, team, {"guardrails": guardrails, "autonomy": autonomy, "guidance": "", "exemplars": []})
    return agent


def employment(team: Team) -> Agent:
    """Make the agent that proposes with a base model's own prediction; the policy judges the proposal."""
    agent = _register(
        "employment",
        "Employment status",
        "A base model proposes, the policy judges its proposals.",
        "propose",
        team,
        seats=2,
        blind_percent=30,
    )
    settings.configure(
        agent_id=agent.pk,
        learner={"kind": "scorecard", "classes": ["no", "yes"]},
        default_plan=PLAN,
        min_new_consensus=200,
        holdout_share_bp=1000,
        seed=7,
        auto_build=False,
        by=actors.of(team.builder),
    )
    _reference(agent, splits.employment(), datasets.EMPLOYMENT_SOURCE)
    first_version(agent, team, {"guardrails": [], "autonomy": _autonomy(0.8, 0.8), "guidance": "", "exemplars": []})
    return agent


def refund(team: Team) -> Agent:
    """Make the refund assistant: a language model proposes text and amounts; exemplars teach it, rules bind it."""
    agent = _register(
        "refund",
        "Refund assistant",
        "A language model answers refund requests and proposes what to pay.",
        "propose",
        team,
        seats=1,
    )
    settings.configure(
        agent_id=agent.pk,
        learner={"kind": "exemplars", "classes": ["deny", "refund"]},
        gates={"min_n": 4, "segment_min_n": 3, "max_error": 0.9, "max_automated_error": 0.9},
        default_plan=PLAN[:1],
        min_new_consensus=5,
        holdout_share_bp=0,
        seed=7,
        auto_build=False,
        by=actors.of(team.builder),
    )
    cases = tuple(one.example for one in datasets.refunds())
    _reference(agent, splits.Split(cases[:2], cases[2:6], cases, (), ()), datasets.REFUND_SOURCE)
    guardrails = [
        {
            "id": "R-001",
            "title": "Refund above 200.00",
            "when": "proposal.output.action == 'refund' && input.order_value > 200.0",
            "action": "review",
            "text": "Refunds above 200.00 are seen by a person.",
        },
        {
            "id": "R-002",
            "title": "Many earlier refunds",
            "when": "input.earlier_refunds >= 3",
            "action": "escalate",
            "text": "Three and more earlier refunds: look for abuse.",
        },
    ]
    guidance = "Refund unused goods within 30 days of delivery. Faulty goods fall under the two-year warranty: offer repair first."
    first_version(
        agent, team, {"guardrails": guardrails, "autonomy": _autonomy(0.8), "guidance": guidance, "exemplars": []}
    )
    return agent


def office_hours(agent: Agent, *, by: User) -> None:
    """Let disagreements wait only while the seniors' office is open, and say what happens when a deadline comes near or is missed."""
    calendars.keep(
        agent_id=agent.pk,
        name="Office in Berlin",
        time_zone="Europe/Berlin",
        hours={day: ["08:00-12:00", "13:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        holidays=["2026-12-25", "2026-12-26", "2027-01-01"],
        queues=["senior"],
        by=by,
    )
    for queue in Queue.objects.filter(agent=agent):
        deadlines.configure(
            queue_id=queue.pk, warn_minutes=30, warn_notify=True, breach_raise=20, breach_notify=True, by=by
        )


def first_version(agent: Agent, team: Team, body: dict[str, Any]) -> PolicyVersion:
    """Learn the first version from the reference cases, have it approved by a second person, and serve it."""
    version = versions.seal_base(agent_id=agent.pk, body=body, by=team.builder)
    return carry(version, team, words="First version, learned from the reference cases.")


def carry(version: PolicyVersion, team: Team, *, words: str, release: bool = True) -> PolicyVersion:
    """Evaluate, submit and approve a version, and start its release."""
    evaluations.evaluate(version_id=version.pk)
    version = versions.submit(version_id=version.pk, plan=None, by=team.builder)
    version = versions.decide(version_id=version.pk, verdict="approved", rationale=words, by=team.approver)
    if release:
        releases.start(version_id=version.pk, by=team.builder)
    return version


def _register(slug: str, name: str, about: str, mode: str, team: Team, *, seats: int, blind_percent: int = 0) -> Agent:
    developer = actors.of(team.developer)
    agent = agents.register(slug=slug, name=name, description=about, mode=mode, by=developer)
    contract = {**datasets.contract(slug), "agent": slug, "version": 1}
    if slug == "credit":
        # The view first: a contract may only name what is there.
        record.publish(agent, now=clock.now(), by=developer)
        contract = record.reading(contract)
    contracts.publish(agent_id=agent.pk, body=contract, by=developer)
    minutes = contract["review_minutes"]
    common: dict[str, Any] = {"agent_id": agent.pk, "agent_slug": slug, "by": developer}
    queues.configure(
        code="review",
        name="Flagged decisions",
        purpose="uncertain, risky or sampled",
        seats=seats,
        blind_percent=blind_percent,
        due_minutes=minutes,
        position=10,
        **common,
    )
    queues.configure(
        code="senior",
        name="Disagreements",
        purpose="reviewers could not settle it",
        kind="senior",
        due_minutes=minutes,
        position=20,
        **common,
    )
    return agent


def _reference(agent: Agent, split: splits.Split, source: str) -> None:
    for role, examples in (("train", split.train), ("evaluate", split.evaluate)):
        cases = [one.reference() for one in examples]
        reference.add_cases(agent_id=agent.pk, role=role, cases=cases, source=source, by=actors.SYSTEM)


def _autonomy(review_below: float, override_at: float | None = None, *, sample_rate: float = 0.05) -> dict[str, Any]:
    return {"review_below": review_below, "override_at": override_at, "sample_rate": sample_rate}
