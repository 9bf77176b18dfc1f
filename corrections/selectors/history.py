"""Every version of every judgement of one decision: what was said first, and what each later word changed in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from agents.selectors import decisions
from corrections.models import Attachment, Correction, FirstJudgement
from corrections.selectors import diff, judgements, recalls, shown
from reviewapp.core.accounts.models import User

_SURE = 5
# Kind, correction, title, icon, author, time.
_Named = tuple[str, UUID | None, str, str, str, datetime]


@dataclass(frozen=True, slots=True)
class Said:
    """What a version says. `verdict` is "" for a judgement that came before the agent's answer was shown; `files` counts."""

    verdict: str
    output: dict[str, Any] | None
    reason_code: str
    justification: str
    evidence: tuple[str, ...]
    confidence: int | None
    files: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a person's judgement: who did it, when, in whose words.

    `kind` is judged (without the answer), submitted, undone, raised, approved, rejected, returned, withdrawn or recalled. A
    version is told in `said`, its outcome in `outcome`, and in `changes` what it changes: in the agent's answer for the first
    one (`against` is then "agent"), in the version before for a later one ("before").
    """

    kind: str
    correction: UUID | None
    title: str
    icon: str
    tone: str
    by: str
    at: datetime
    words: str
    said: Said | None
    outcome: str
    against: str
    changes: tuple[diff.Change, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """One person's judgement of a decision from its first version on, oldest step first."""

    author: str
    mine: bool
    recallable: UUID | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class History:
    """All judgements of a decision that a person may read. `withheld`: others' are kept from someone who may still judge it."""

    decision_id: UUID
    case_ref: str
    title: str
    agent_name: str
    withheld: bool
    chains: tuple[Chain, ...]


def of_decision(decision_id: UUID, user: User, *, now: datetime) -> History:
    """Return the history of each judgement of a decision, drafts left out; the person's own one first.

    Who may read what is as in `judgements.of_decision`; of somebody else's judgement nothing is told before they submitted one
    that they can no longer undo. Raises `Missing`, and `NotAllowed` while the person shall judge the case without the answer.
    """
    found = decisions.detail(user, decision_id)
    spec, answer = found.contract.spec, found.decision.output
    rows, withheld = judgements.seen(decision_id, user)
    firsts = {
        one.author_id: one for one in FirstJudgement.objects.filter(decision_id=decision_id).select_related("author")
    }
    files = dict(
        Attachment.objects.filter(correction__in=rows).values_list("correction").annotate(n=Count("pk")).order_by()
    )
    people = dict.fromkeys(row.author_id for row in rows)
    if user.pk in firsts:
        people.setdefault(user.pk)
    chains = []
    for person in sorted(people, key=lambda one: one != user.pk):
        own = [row for row in rows if row.author_id == person]
        steps = _steps(spec, answer, firsts.get(person), own, files)
        mine = person == user.pk
        recallable = own[-1].pk if mine and own and not recalls.why_not(own[-1], now=now) else None
        chains.append(Chain(_name(firsts.get(person), own), mine, recallable, steps))
    return History(
        decision_id=decision_id,
        case_ref=found.decision.case_ref,
        title=spec.case_title(found.decision.input),
        agent_name=found.agent.name,
        withheld=withheld,
        chains=tuple(chains),
    )


def _name(first: FirstJudgement | None, own: list[Correction]) -> str:
    author = own[0].author if own else first.author if first else None
    return author.display_name if author else ""


def _steps(
    spec: ContractSpec,
    answer: dict[str, Any] | None,
    first: FirstJudgement | None,
    own: list[Correction],
    files: dict[UUID, int],
) -> tuple[Step, ...]:
    steps: list[Step] = []
    before: Said | None = None
    if first is not None:
        before = Said("", first.output, "", first.justification, (), first.confidence, 0)
        title = _("Judged before the agent’s answer was shown")
        named: _Named = ("judged", None, title, "eye-off", first.author.display_name, first.recorded_at)
        steps.append(_version(spec, answer, None, before, named))
    for number, row in enumerate(own):
        said = Said(
            row.verdict,
            row.output,
            row.reason_code,
            row.justification,
            tuple(row.evidence),
            row.confidence,
            files.get(row.pk, 0),
        )
        title = _("Submitted") if number == 0 else _("Submitted again, in place of the version before")
        named = ("submitted", row.pk, title, "pen-line", row.author.display_name, row.submitted_at)
        steps.append(_version(spec, answer, before, said, named))
        steps.extend(_afterwards(row))
        before = said
    return tuple(sorted(steps, key=lambda step: step.at))


def _version(
    spec: ContractSpec,
    answer: dict[str, Any] | None,
    before: Said | None,
    said: Said,
    named: _Named,
) -> Step:
    kind, correction, title, icon, by, at = named
    if before is not None:
        rows = [*diff.changes(spec, before.output, said.output), *_beside(spec, before, said)]
    else:
        rows = diff.changes(spec, answer, said.output) if said.output is not None else []
    return Step(
        kind=kind,
        correction=correction,
        title=title,
        icon=icon,
        tone="human",
        by=by,
        at=at,
        words=said.justification,
        said=said,
        outcome=_outcome(spec, said),
        against="before" if before is not None else "agent",
        changes=tuple(row for row in rows if row.changed),
    )


def _outcome(spec: ContractSpec, said: Said) -> str:
    if not said.verdict:
        return shown.outcome(spec, said.output) if said.output is not None else _("Could not tell")
    label = str(Correction.Verdict(said.verdict).label)
    return f"{label}: {shown.outcome(spec, said.output)}" if said.output is not None else label


def _beside(spec: ContractSpec, before: Said, said: Said) -> list[diff.Change]:
    """Return what changed beside the output. A judgement without the answer has no verdict and reason: they change nothing."""
    old, new = _members(spec, before), _members(spec, said)
    titles = [title for title in new if title in old]
    empty = _("Empty")
    return [
        diff.Change(
            title,
            old[title] or empty,
            new[title] or empty,
            changed=old[title] != new[title],
            gone=not new[title],
            new=not old[title],
        )
        for title in titles
    ]


def _members(spec: ContractSpec, said: Said) -> dict[str, str]:
    told = {
        _("Justification"): said.justification,
        _("Own confidence"): ""
        if said.confidence is None
        else _("%(value)s of %(most)s") % {"value": said.confidence, "most": _SURE},
    }
    if said.verdict:
        reasons = {one.code: one.title for one in spec.reason_codes}
        inputs = {"/" + one.path.replace(".", "/"): one.title for one in fields.describe(spec.input_schema)}
        told[_("Verdict")] = str(Correction.Verdict(said.verdict).label)
        told[_("Reason")] = reasons.get(said.reason_code, said.reason_code)
        told[_("Evidence")] = ", ".join(inputs.get(at, at) for at in said.evidence)
        told[_("Files")] = str(said.files or "")
    return told


def _afterwards(row: Correction) -> list[Step]:
    """Return what happened to a version after it was submitted."""
    author, steps = row.author.display_name, []
    if (undone := getattr(row, "undone", None)) is not None:
        steps.append(_event("undone", row, author, undone.undone_at))
    if (escalation := getattr(row, "escalation", None)) is not None:
        why = " ".join(str(rule.get("text", "")) for rule in escalation.rules)
        steps.append(_event("raised", row, author, escalation.raised_at, why))
        approval = escalation.approval
        if approval.decided_at is not None and approval.decided_by is not None:
            by = approval.decided_by.display_name
            steps.append(_event(approval.state, row, by, approval.decided_at, approval.rationale))
    if (recalled := getattr(row, "recalled", None)) is not None:
        steps.append(_event("recalled", row, author, recalled.recalled_at, recalled.reason))
    return steps


def _event(kind: str, row: Correction, by: str, at: datetime, words: str = "") -> Step:
    title, icon, tone = {
        "undone": (_("Undone: it never took effect"), "undo-2", "neutral"),
        "raised": (_("A second person is asked"), "scale", "caution"),
        "approved": (_("Approved by a second person"), "check-check", "positive"),
        "rejected": (_("Rejected by a second person"), "circle-x", "critical"),
        "returned": (_("Returned to its author"), "undo-2", "caution"),
        "withdrawn": (_("Withdrawn"), "undo-2", "neutral"),
        "recalled": (_("Recalled: it counts no more"), "undo-2", "caution"),
    }[kind]
    return Step(kind, row.pk, title, icon, tone, by, at, words, None, "", "", ())
