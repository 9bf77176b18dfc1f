"""A day at the bank: decisions asked for, judged, escalated, left half done, so that every page shows something true."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from agents.models import Agent, Decision, WebhookEndpoint
from agents.selectors import contracts
from agents.services import webhooks
from agents.serving import deciding
from corrections.models import Task
from corrections.services import blind, corrections, drafts, escalations, tasks
from policies.models import PolicyVersion
from policies.services import builds, evaluations, releases, versions
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import DomainError
from reviewapp.core.events import relay
from reviewapp.core.incidents import declaring, kinds
from reviewapp.core.incidents import services as incidents
from reviewapp.ops.demo import agents, datasets, splits
from reviewapp.ops.demo.datasets import Example

_WORDS = {
    True: "The file supports what the agent says; nothing in the inputs speaks against it.",
    False: "The cited inputs point the other way once they are read together with the credit history and the term.",
}


def hand_on() -> None:
    """Run the relay until nothing is due, as a worker does."""
    while relay.relay_one(clock.now()):
        pass


def ask(agent: Agent, case_ref: str, example: Example) -> Decision:
    """Ask an agent for a decision, as its program does."""
    live = deciding.find(agent.slug)
    body = {**example.request(), "case_ref": case_ref, "unit": case_ref}
    return deciding.decide(
        live=live, body=body, idempotency_key=case_ref, began=time.perf_counter(), by=actors.SYSTEM
    ).row


def judge(
    task: Task, by: User, answer: Mapping[str, Any], *, evidence: list[str], reason: str = ""
) -> corrections.Submitted:
    """Claim a task and say that `answer` is right: agree when the agent said so, else correct it."""
    lease = tasks.claim_one(task_id=task.pk, by=by)
    if task.blind:
        blind.record(task_id=task.pk, token=lease.token, output=answer, confidence=4, by=by)
    agrees = task.decision.output is not None and task.decision.output == answer
    codes = [one.code for one in contracts.of_decision(task.decision_id).reasons_for("correct")]
    return corrections.submit(
        task_id=task.pk,
        token=lease.token,
        verdict="agree" if agrees else "correct",
        output=None if agrees else answer,
        reason_code="" if agrees else reason or codes[0],
        justification=_WORDS[agrees],
        evidence=[] if agrees else evidence,
        confidence=4,
        shown={"via": "demo"},
        time_spent_ms=95_000,
        client="demo",
        by=by,
    )


def credit(agent: Agent, users: dict[str, User]) -> None:
    """Let the credit agent decide three dozen applications and leave them in every state of review."""
    split = splits.credit()
    # Large credits are where the contract's risk rules ask for a second person.
    large = sorted(split.evaluate, key=lambda one: -one.input["credit_amount"])[:16]
    examples = [*split.demo, *large]
    asked = [(ask(agent, f"APP-{118190 + 7 * at}", one), one) for at, one in enumerate(examples)]
    hand_on()
    flagged = [(row, one) for row, one in asked if row.status != "auto"]
    risky = [row for row, _ in flagged if _is_risky(row)][:3]
    for at, (row, one) in enumerate([pair for pair in flagged if pair[0] not in risky][:8]):
        seats = list(Task.objects.filter(decision=row, kind="review").order_by("seat"))
        judge(seats[0], users["amina"], one.answer, evidence=["/credit_amount", "/checking_account"])
        if at % 4 == 3:
            judge(seats[1], users["sara"], _flip(one), evidence=["/credit_history"])
        elif at % 4 != 2:
            judge(seats[1], users["sara"], one.answer, evidence=["/credit_history"])
        hand_on()
    _escalate(risky, users)
    untouched = Task.objects.filter(
        queue__agent=agent, state="open", kind="review", seat=1, reserved_for=None
    ).order_by("-priority")
    for task in untouched[:1]:
        body = {
            "verdict": "correct",
            "output": datasets.credit_answer("decline", 0),
            "justification": "The term is long for the purpose, and the",
            "evidence": ["/duration_in_month"],
        }
        drafts.save(task_id=task.pk, body=body, by=users["amina"])
    hand_on()


def _escalate(risky: list[Decision], users: dict[str, User]) -> None:
    """Refuse large loans that the policy grants, so that a risk officer is asked: one waits, one returns, one is approved."""
    for row, verdict in zip(risky, ("", "returned", "approved"), strict=False):
        task = Task.objects.filter(decision=row, kind="review").order_by("seat")[0]
        answer = datasets.credit_answer("decline", 0)
        done = judge(
            task, users["amina"], answer, reason="risk_underrated", evidence=["/property", "/duration_in_month"]
        )
        if verdict and done.escalation_id:
            words = (
                "Which other debts did you see? Cite them."
                if verdict == "returned"
                else "The term is too long for this income."
            )
            escalations.decide(escalation_id=done.escalation_id, verdict=verdict, rationale=words, by=users["tomas"])
        hand_on()


def _is_risky(row: Decision) -> bool:
    return row.output is not None and row.output["decision"] == "approve" and row.input["credit_amount"] > 9000


def _flip(one: Example) -> dict[str, Any]:
    label = "approve" if one.answer["decision"] == "decline" else "decline"
    return datasets.credit_answer(label, one.input["credit_amount"])


def employment(agent: Agent, users: dict[str, User], team: agents.Team) -> None:
    """Let people settle some proposals of 2016, learn a second version from them, and put it into canary."""
    rows = splits.employment().demo
    truth = {f"ACS-{one.index}": one.answer for one in rows[:90]}
    for one in rows[:90]:
        ask(agent, f"ACS-{one.index}", one)
    hand_on()
    open_tasks = list(Task.objects.filter(queue__agent=agent, state="open").select_related("decision").order_by("id"))
    for task in open_tasks[:56]:
        by = users["amina"] if task.seat == 1 else users["sara"]
        judge(task, by, truth[task.decision.case_ref], reason="household", evidence=["/relationship"])
    hand_on()
    version = build(agent, team)
    if version is not None and version.state == "evaluated":
        _try(version, team, "The gates hold, the notes are plausible.")
    for one in rows[90:]:
        ask(agent, f"ACS-{one.index}", one)
    hand_on()


def refund(agent: Agent, users: dict[str, User], team: agents.Team) -> None:
    """Answer refund requests, correct some, release what was learned, take it back, and leave a version for approval."""
    cases = {one.case_ref: one for one in datasets.refunds()}
    for one in cases.values():
        ask(agent, one.case_ref, one.example)
    hand_on()
    answers = {ref: one.example.answer for ref, one in cases.items()}
    open_tasks = list(Task.objects.filter(queue__agent=agent, state="open").select_related("decision").order_by("id"))
    for task in open_tasks[:5]:
        judge(task, users["amina"], answers[task.decision.case_ref], reason="terms", evidence=["/days_since_delivery"])
    hand_on()
    second = build(agent, team)
    if second is not None and second.state == "evaluated" and _try(second, team, "Exemplars read one by one."):
        release = second.releases.latest("started_at")
        releases.rollback(
            release_id=release.pk, rationale="Customers got two answers in one chat. Looking into it.", by=team.builder
        )
    for task in open_tasks[5:8]:
        judge(task, users["sara"], answers[task.decision.case_ref], reason="terms", evidence=["/message"])
    hand_on()
    third = build(agent, team)
    if third is not None and third.state == "evaluated":
        versions.submit(version_id=third.pk, plan=None, by=team.builder)
    hand_on()


def registry(agent: Agent, *, developer: User) -> WebhookEndpoint:
    """Have an agent's answers sent to an address, which is paused: nothing of the demo leaves the machine."""
    url = "https://registry.example/countersign"
    hook, _ = webhooks.add(agent_id=agent.pk, url=url, description="Registry", by=developer)
    webhooks.pause(endpoint_id=hook.pk, by=developer)
    return hook


def trouble(agent: Agent, hook: WebhookEndpoint, *, operator: User) -> None:
    """Leave an incident behind: an address that kept failing, seen to by the operator, paused and not yet resolved."""
    row = incidents.begin(
        kind=kinds.WEBHOOK,
        key=str(hook.pk),
        agent=(agent.pk, agent.slug),
        data={"agent": agent.name},
        began_at=hook.created_at,
        path=f"/agents/{agent.slug}/webhooks/",
        text="The receiver answered 503 to every message.",
        by=actors.SYSTEM,
    )
    incidents.acknowledge(number=row.pk, by=operator)
    words = "The registry is moving to another machine until tomorrow. Its answers wait; the address is paused."
    incidents.note(number=row.pk, text=words, by=operator)
    due = clock.now().date() + timedelta(days=7)
    what = "Ask the registry for a second receiver"
    declaring.plan(number=row.pk, what=what, owner=operator.username, due=due, by=operator)
    incidents.end(kind=kinds.WEBHOOK, key=str(hook.pk), text="The address was paused.", by=actors.SYSTEM)
    hand_on()


def build(agent: Agent, team: agents.Team) -> PolicyVersion | None:
    """Build and evaluate a version now, as the learning worker does."""
    build_row = builds.request(agent_id=agent.pk, reason="Enough new verdicts", by=team.builder)
    done = builds.run(build_id=build_row.pk)
    if done.version is None:
        return None
    if not done.version.evaluations.exists():
        evaluations.evaluate(version_id=done.version.pk)
    done.version.refresh_from_db()
    return done.version


def _try(version: PolicyVersion, team: agents.Team, words: str) -> bool:
    """Have a version approved and released; a gate that refuses it leaves it as it is, for people to see."""
    try:
        versions.submit(version_id=version.pk, plan=None, by=team.builder)
        versions.decide(version_id=version.pk, verdict="approved", rationale=words, by=team.approver)
        releases.start(version_id=version.pk, by=team.builder)
    except DomainError:
        return False
    return True
