"""A day at the bank: decisions asked for, judged, escalated, left half done, so that every page shows something true."""

import time
from typing import Any

from agents.models import Agent, Decision
from agents.serving import deciding
from corrections.models import Task
from corrections.services import corrections, drafts, escalations, tasks
from policies.models import PolicyVersion
from policies.services import builds, evaluations, releases, versions
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import DomainError
from reviewapp.core.events import relay
from reviewapp.ops.bank import agents, datasets

_WORDS = {
    True: "The file supports what the agent says; nothing in the inputs speaks against it.",
    False: "The cited inputs point the other way once they are read together with the credit history and the term.",
}


def hand_on() -> None:
    """Run the relay until nothing is due, as a worker does."""
    while relay.relay_one(clock.now()):
        pass


def ask(agent: Agent, case_ref: str, document: dict[str, Any], proposal: dict[str, Any] | None = None) -> Decision:
    """Ask an agent for a decision, as its program does."""
    live = deciding.find(agent.slug)
    body: dict[str, Any] = {"input": document, "case_ref": case_ref, "unit": case_ref}
    if proposal is not None:
        body["proposal"] = proposal
    return deciding.decide(
        live=live, body=body, idempotency_key=case_ref, began=time.perf_counter(), by=actors.SYSTEM
    ).row


def judge(task: Task, by: User, answer: dict[str, Any], *, reason: str, evidence: list[str]) -> corrections.Submitted:
    """Claim a task and say that `answer` is right: agree when the agent said so, else correct it."""
    lease = tasks.claim_one(task_id=task.pk, by=by)
    agrees = task.decision.output is not None and task.decision.output == answer
    return corrections.submit(
        task_id=task.pk,
        token=lease.token,
        verdict="agree" if agrees else "correct",
        output=None if agrees else answer,
        reason_code="" if agrees else reason,
        justification=_WORDS[agrees],
        evidence=[] if agrees else evidence,
        confidence=4,
        shown={"via": "demo"},
        time_spent_ms=95_000,
        client="demo",
        by=by,
    )


def credit(agent: Agent, users: dict[str, User]) -> None:
    """Let the credit agent decide two dozen applications and leave them in every state of review."""
    cases = datasets.credit_split().evaluate
    # Large credits are where the contract's risk rules ask for a second person.
    large = sorted(cases[22:], key=lambda one: -one.input["credit_amount"])[:14]
    rows = [*cases[:22], *large]
    asked = [ask(agent, f"APP-{118190 + 7 * at}", one.input) for at, one in enumerate(rows)]
    hand_on()
    flagged = [(row, one) for row, one in zip(asked, rows, strict=True) if row.status != "auto"]
    for at, (row, one) in enumerate(flagged[:8]):
        seats = list(Task.objects.filter(decision=row, kind="review").order_by("seat"))
        right = _credit_answer(row, one)
        judge(
            seats[0],
            users["amina"],
            right,
            reason="capacity" if right["decision"] == "decline" else "too_strict",
            evidence=["/credit_amount", "/checking_account"],
        )
        if at % 4 == 3:
            wrong = _flip(row, right)
            judge(
                seats[1],
                users["sara"],
                wrong,
                reason="too_lenient" if wrong["decision"] == "decline" else "too_strict",
                evidence=["/credit_history"],
            )
        elif at % 4 != 2:
            judge(
                seats[1],
                users["sara"],
                right,
                reason="too_lenient" if right["decision"] == "decline" else "too_strict",
                evidence=["/credit_history"],
            )
        hand_on()
    _escalate(flagged[8:], users)
    half_done = [
        task
        for task in Task.objects.filter(queue__agent=agent, state="open", kind="review").order_by("-priority")
        if task.seat == 1
    ]
    if half_done:
        body = {
            "verdict": "correct",
            "output": {"decision": "decline"},
            "justification": "The term is long for the purpose, and the",
            "evidence": ["/duration_in_month"],
        }
        drafts.save(task_id=half_done[0].pk, body=body, by=users["amina"])
    hand_on()


def _escalate(left: list[tuple[Decision, datasets.Example]], users: dict[str, User]) -> None:
    """Answer large credits so that a risk rule asks for a risk officer: one waits, one is returned, one approved."""
    large = [row for row, _ in left if row.output and _is_risky(row.output["decision"], row.input["credit_amount"])]
    for row, verdict in zip(large, ("", "returned", "approved"), strict=False):
        task = Task.objects.filter(decision=row, kind="review").order_by("seat")[0]
        answer = {"decision": "approve", "credit_limit": row.input["credit_amount"], "conditions": ["guarantor"]}
        # Amount and conditions count too: approving with a guarantor corrects a bare approval.
        done = judge(task, users["amina"], answer, reason="collateral", evidence=["/property", "/other_debtors"])
        if verdict and done.escalation_id:
            words = "Which guarantor, and since when? Cite it." if verdict == "returned" else "The security carries it."
            escalations.decide(escalation_id=done.escalation_id, verdict=verdict, rationale=words, by=users["tomas"])
        hand_on()


def _is_risky(decided: str, amount: int) -> bool:
    return (decided == "decline" and amount > 7500) or amount > 15000


def employment(agent: Agent, users: dict[str, User], team: agents.Team) -> None:
    """Let people settle some proposals of 2016, learn a second version from them, and put it into canary."""
    rows = [one for one in datasets.employment() if one.year == 2016][:110]
    for one in rows:
        ask(agent, f"ACS-{one.index}", one.input, one.proposal)
    hand_on()
    truth = {f"ACS-{one.index}": one.truth for one in rows}
    open_tasks = list(Task.objects.filter(queue__agent=agent, state="open").select_related("decision").order_by("id"))
    for task in open_tasks[:56]:
        by = users["amina"] if task.seat == 1 else users["sara"]
        judge(task, by, {"employed": truth[task.decision.case_ref]}, reason="household", evidence=["/relationship"])
    hand_on()
    version = build(agent, team)
    if version is not None and version.state == "evaluated":
        _try(version, team, "The gates hold, the notes are plausible.")
    for one in [row for row in datasets.employment() if row.year == 2017][:30]:
        ask(agent, f"ACS-{one.index}", one.input, one.proposal)
    hand_on()


def refund(agent: Agent, users: dict[str, User], team: agents.Team) -> None:
    """Answer refund requests, correct some, release what was learned, take it back, and leave a version for approval."""
    cases = datasets.refunds()
    for at, one in enumerate(cases):
        ask(agent, f"ORDER-{1001 + at}", one["input"], one["proposal"])
    hand_on()
    answers = {f"ORDER-{1001 + at}": one["answer"] for at, one in enumerate(cases)}
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


def _credit_answer(row: Decision, one: datasets.Example) -> dict[str, Any]:
    if row.output is not None and row.output["decision"] == one.truth:
        return dict(row.output)
    return datasets.credit_output(one)


def _flip(row: Decision, right: dict[str, Any]) -> dict[str, Any]:
    if right["decision"] == "approve":
        return dict(row.output) if row.output and row.output["decision"] == "decline" else {"decision": "decline"}
    if row.output and row.output["decision"] == "approve":
        return dict(row.output)
    return {"decision": "approve", "credit_limit": row.input["credit_amount"]}
