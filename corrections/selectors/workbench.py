"""Everything the workbench shows of one task, read once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from agents.contracts import words
from agents.contracts.spec import ContractSpec
from agents.runtime import review
from agents.selectors import contracts, facts
from corrections.models import Correction, Task
from corrections.rules import releasing
from corrections.selectors import attachments, opened, rights, sealed, shown, similar
from reviewapp.core import clock
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

# How long before its end somebody is told that their hold runs out.
WARN = timedelta(minutes=2)

# Codes under which a reopened task carries a risk officer's words.
_SENT_BACK = ("returned", "rejected")


@dataclass(frozen=True, slots=True)
class Answered:
    """What the person submitted for the task themselves."""

    verdict: str
    outcome: str
    justification: str
    at: datetime


@dataclass(frozen=True, slots=True)
class First:
    """What the person said of a blind case before they saw the agent's answer; `same` as that in the outcome."""

    outcome: str
    outputs: list[shown.OutputField]
    justification: str
    at: datetime
    same: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A task with its decision, as a reviewer needs it. `sealed`: the answer is not in it, they judge without it first."""

    task_id: UUID
    queue_id: UUID
    queue_name: str
    queue_kind: str
    kind: str
    state: str
    title: str
    due_at: datetime
    created_at: datetime
    why: list[dict[str, str]]
    token: int
    lease_until: datetime | None
    holder: str
    mine: bool
    may_judge: bool
    reserved: bool
    may_work: bool
    decision: facts.Facts
    spec: ContractSpec
    groups: list[tuple[str, list[shown.InputField]]]
    withheld: list[str]
    outcome: str
    outputs: list[shown.OutputField]
    proposal: shown.Proposal | None
    score: shown.Score | None
    contributions: list[shown.Contribution]
    rules: list[shown.RuleLine]
    promised: list[words.FieldWords]
    failures: list[tuple[str, str]]
    review_below: float | None
    draft: dict[str, Any]
    draft_saved_at: datetime | None
    similar: list[similar.Precedent]
    earlier: list[dict[str, Any]]
    answered: Answered | None
    attachments: list[attachments.File]
    handed: opened.Handed | None
    lease_seconds: int
    sealed: bool = False
    first: First | None = None

    @property
    def flagged(self) -> list[str]:
        """Return why the agent or a rule asked for people."""
        return [one["text"] for one in self.why if one["code"] not in (*_SENT_BACK, releasing.CODE)]

    @property
    def put_back(self) -> str:
        """Return why somebody put the case back last, "" when nobody said."""
        return next((one["text"] for one in self.why if one["code"] == releasing.CODE), "")

    @property
    def sent_back(self) -> list[str]:
        """Return what risk officers wrote when they returned or rejected an earlier correction."""
        return [one["text"] for one in self.why if one["code"] in _SENT_BACK and one["text"]]

    @property
    def matched(self) -> list[shown.RuleLine]:
        """Return the rules that are worth knowing: those that matched or could not be told."""
        return [rule for rule in self.rules if rule.result != "false"]

    @property
    def took_ms(self) -> float:
        """Return how long the decision took."""
        return self.decision.latency_us / 1000

    @property
    def score_label(self) -> str:
        """Return what the score is the probability of."""
        return f"Probability of “{self.score.positive.lower()}”" if self.score else ""

    @property
    def score_words(self) -> str:
        """Return what stands at the threshold."""
        return f"{self.score.positive.lower()} from" if self.score else ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Who holds a task and until when; `mine` stays true while nobody else took a lease that ran out."""

    task_id: UUID
    queue_id: UUID
    open: bool
    mine: bool
    holder: str
    until: datetime | None
    token: int = 0
    lease_seconds: int = 0

    @property
    def since(self) -> datetime | None:
        """Return when the hold was taken or last renewed."""
        return self.until - timedelta(seconds=self.lease_seconds) if self.until else None

    def runs_out(self, *, now: datetime) -> bool:
        """Say whether the person's hold ends soon: within two minutes, or the last quarter of a short one."""
        soon = min(WARN, timedelta(seconds=self.lease_seconds) / 4)
        return self.mine and self.open and (self.until is None or self.until - now <= soon)


def case(task_id: UUID, user: User, *, now: datetime, whole: bool = True, page: bool = True) -> Case:
    """Return everything the workbench shows; not `whole`: without precedents, for answers that only redraw the form.

    Not `page`: without precedents and the person's own standing, which programs that take a task do not look at.

    Raises `Missing` for a task the person may not know of.
    """
    found = opened.read(task_id, user_id=user.pk)
    if found is None or not access.can_by_key(user, "agents.view_agent", found.decision.agent_id):
        raise Missing("This task does not exist.")
    may_work = rights.can_work_in(user, found.queue_kind, found.decision.agent_id)
    kept = found.sealed and may_work and not found.involved
    decision = sealed.facts(found.decision) if kept else found.decision
    spec = contracts.by_id(decision.contract_id).spec
    terms = decision.trace.get("autonomy") or {}
    held = found.lease_until is not None and found.lease_until > now
    mine = found.holder_id == user.pk
    return Case(
        task_id=found.task_id,
        queue_id=found.queue_id,
        queue_name=found.queue_name,
        queue_kind=found.queue_kind,
        kind=found.kind,
        state=found.state,
        title=found.title,
        due_at=found.due_at,
        created_at=found.created_at,
        why=[sealed.WHY] if kept else rights.why_for(user.pk, found.why, found.reserved_for_id),
        token=found.token,
        lease_until=found.lease_until,
        holder=found.holder if held and not mine else "",
        mine=mine,
        reserved=found.reserved_for_id is not None,
        may_judge=page
        and (found.reserved_for_id == user.pk if found.reserved_for_id is not None else not found.involved),
        may_work=may_work,
        decision=decision,
        spec=spec,
        groups=shown.grouped(spec, decision.input),
        withheld=shown.withheld(spec),
        outcome=shown.outcome(spec, decision.output),
        outputs=shown.answer(spec, decision.output, without=spec.action_field),
        proposal=shown.proposal(spec, decision),
        score=shown.score(spec, decision),
        contributions=shown.contributions(spec, decision),
        rules=shown.rules(decision),
        promised=shown.promised(spec),
        failures=shown.failures(spec),
        review_below=terms.get("review_below"),
        draft=found.draft,
        draft_saved_at=found.draft_saved_at,
        similar=similar.precedents(decision, limit=5) if whole and page and not kept else [],
        earlier=earlier(decision.id, spec) if whole and found.kind == Task.Kind.ADJUDICATION else [],
        answered=_answered(found.own, spec) if page and found.own is not None else None,
        attachments=attachments.of_json(found.attachments),
        handed=found.handed,
        lease_seconds=found.lease_seconds,
        sealed=kept,
        first=_first(found, spec) if found.first is not None else None,
    )


def hold(task_id: UUID, user: User, *, now: datetime) -> Hold:
    """Return who holds a task, for the page that watches it. Raises `Missing` for one the person may not know of."""
    found = _found(task_id, user)
    held = found.lease_until is not None and found.lease_until > now and found.lease_holder is not None
    return Hold(
        task_id=found.pk,
        queue_id=found.queue_id,
        open=found.state == Task.State.OPEN,
        mine=found.lease_holder_id == user.pk,
        holder=found.lease_holder.display_name if held and found.lease_holder else "",
        until=found.lease_until if held else None,
        token=found.lease_token,
        lease_seconds=found.queue.lease_seconds,
    )


def second_person(case: Case, output: Mapping[str, Any] | None) -> list[str]:
    """Return why correcting to `output` would need a second person; nothing while the output is not complete."""
    if (
        case.sealed
        or output is None
        or output == case.decision.output
        or case.spec.output.validate(output, prefix="output")
    ):
        return []
    met = review.escalations(
        case.spec,
        input=case.decision.input,
        output=case.decision.output,
        correction=output,
        confidence=case.decision.confidence,
        verdict="correct",
    )
    return [rule.text for rule in met]


def earlier(decision_id: UUID, spec: ContractSpec) -> list[dict[str, Any]]:
    """Return what others said of a decision, for the senior who settles it; reviewers stay blind to each other."""
    said = Correction.objects.filter(decision_id=decision_id, undone__isnull=True).exclude(held_until__gt=clock.now())
    rows = list(said.select_related("author").order_by("submitted_at"))
    files = attachments.of_corrections([row.pk for row in rows])
    return [
        {
            "author": row.author.display_name,
            "verdict": row.get_verdict_display(),
            "outcome": shown.outcome(spec, row.output) if row.output is not None else "",
            "output": [(one.title, one.text) for one in shown.answer(spec, row.output, without=spec.action_field)],
            "reason": next((one.title for one in spec.reason_codes if one.code == row.reason_code), row.reason_code),
            "justification": row.justification,
            "confidence": row.confidence,
            "attachments": [asdict(file) for file in files.get(row.pk, ())],
            "at": row.submitted_at,
        }
        for row in rows
    ]


def _found(task_id: UUID, user: User) -> Task:
    found = Task.objects.select_related("queue__agent", "lease_holder").filter(pk=task_id).first()
    if found is None or not access.can(user, "agents.view_agent", found.queue.agent):
        raise Missing("This task does not exist.")
    return found


def _first(found: opened.Opened, spec: ContractSpec) -> First:
    own: dict[str, Any] = found.first or {}
    output, decided = own["output"], found.decision.output or {}
    return First(
        outcome=shown.outcome(spec, output) if output is not None else "Can’t tell from the inputs",
        outputs=shown.answer(spec, output, without=spec.action_field),
        justification=own["justification"],
        at=datetime.fromisoformat(own["at"]),
        same=output is not None and output.get(spec.action_field) == decided.get(spec.action_field),
    )


def _answered(own: opened.Own, spec: ContractSpec) -> Answered:
    outcome = shown.outcome(spec, own.output) if own.output is not None else ""
    return Answered(Correction.Verdict(own.verdict).label, outcome, own.justification, own.at)
