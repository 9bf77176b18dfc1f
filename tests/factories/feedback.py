"""Feedback in the database: an agent with queues, flagged decisions as tasks, people who judge them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from agents.models import Decision
from corrections.models import Queue, Task
from corrections.services import corrections, queues, tasks
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.events import relay
from reviewapp.core.events.models import OutboxEntry
from tests.factories.decisions import decided
from tests.factories.serving import UNSURE_INPUT, World, world

WORDS = "The income on the payslip does not carry this instalment."


@dataclass
class Room:
    """An agent with its standard and senior queue."""

    world: World
    standard: Queue
    senior: Queue


def room(*, seats: int = 1, **terms: Any) -> Room:
    """Make an agent under contract, serving, with a standard queue of `seats` and a senior queue."""
    made = world(**terms)
    common = {"agent_id": made.agent.pk, "agent_slug": made.agent.slug, "by": actors.SYSTEM}
    standard = queues.configure(code="review", name="Review", seats=seats, **common)
    senior = queues.configure(code="senior", name="Senior review", kind="senior", **common)
    return Room(made, standard, senior)


def hand_on() -> int:
    """Run the relay until nothing is due; return how many events it handed on."""
    count = 0
    while relay.relay_one(clock.now()):
        count += 1
    return count


def flagged(made: Room, **inputs: Any) -> Decision:
    """Record a decision the policy is unsure of, and let its tasks open; `inputs` replace members of the input."""
    decision = decided(made.world, {**UNSURE_INPUT, **inputs})
    assert decision.status == "review", decision.reasons
    hand_on()
    return decision


def waiting(made: Room, count: int) -> list[Task]:
    """Let `count` flagged decisions wait with one open task each, without going through the relay."""
    decisions = [decided(made.world, {**UNSURE_INPUT, "amount": 900.0 + number}) for number in range(count)]
    OutboxEntry.objects.all().delete()
    now = clock.now()
    return Task.objects.bulk_create(
        Task(
            queue=made.standard,
            decision=decision,
            title=f"Case {number}",
            why=[{"code": "low_confidence", "text": "Unsure."}],
            priority=number % 7,
            due_at=now + timedelta(minutes=number),
            created_at=now,
        )
        for number, decision in enumerate(decisions)
    )


def other(decision: Decision) -> dict[str, Any]:
    """Return an output with the other action than the decision's."""
    return {"action": "decline" if decision.output["action"] == "approve" else "approve"}


def submit(task: Task, by: User, **entry: Any) -> corrections.Submitted:
    """Claim a task and submit a judgement; a correction to decline unless `entry` says otherwise."""
    lease = tasks.claim_one(task_id=task.pk, by=by)
    body: dict[str, Any] = {
        "verdict": "correct",
        "output": other(task.decision),
        "reason_code": "income",
        "justification": WORDS,
        "evidence": ["/duration"],
        "confidence": 4,
    }
    if entry.get("verdict", "correct") != "correct":
        body.update(output=None, reason_code="sound" if entry["verdict"] == "agree" else "")
    return corrections.submit(task_id=task.pk, token=lease.token, by=by, **{**body, **entry})
