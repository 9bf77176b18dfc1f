"""Which of one's own corrections can be recalled, and why others cannot."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agents.selectors import contracts, facts
from corrections.models import Consensus, Correction
from corrections.selectors import shown
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class RecallPage:
    """A correction of one's own, what it says in words, what it carries, and why it cannot be recalled ("" when it can)."""

    correction: Correction
    title: str
    said: str
    settled: str
    carries: bool
    alone: bool
    why_not: str


def own(correction_id: UUID, user: User, *, lock: bool = False) -> Correction | None:
    """Return a correction of the person with what `why_not` looks at, None when it is not theirs."""
    rows = Correction.objects.select_related(
        "task__queue__agent", "escalation__approval", "undone", "recalled", "replaced_by"
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.filter(pk=correction_id, author=user).first()


def why_not(correction: Correction, *, now: datetime) -> str:
    """Return why a correction cannot be recalled, in words; "" when it can."""
    escalation = getattr(correction, "escalation", None)
    state = escalation.approval.state if escalation is not None else ""
    if getattr(correction, "undone", None) is not None:
        return "You have undone this: it never took effect."
    if getattr(correction, "recalled", None) is not None:
        return "You have recalled this already."
    if correction.held_until is not None and correction.held_until > now:
        return "It has not taken effect yet: undo it instead."
    if state == "pending":
        return "A risk officer is looking at it: withdraw the escalation instead."
    if state == "approved":
        return "A second person approved it, so it is not yours alone to take back. Tell them what is wrong with it."
    if state:
        return "It does not count: a second person sent it back or rejected it, or you withdrew it."
    if getattr(correction, "replaced_by", None) is not None:
        return "You have replaced it by a later one. Recall that."
    return ""


def page(user: User, correction_id: UUID, *, now: datetime) -> RecallPage:
    """Return what the page of a recall shows. Raises `Missing` for what is not one's own."""
    correction = own(correction_id, user)
    if correction is None:
        raise Missing("There is no such correction of yours.")
    decision = facts.of_decision(correction.decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    settled = Consensus.objects.filter(decision_id=decision.id, authoritative=True).first()
    carries = settled is not None and correction.pk in settled.corrections
    return RecallPage(
        correction=correction,
        title=spec.case_title(decision.input),
        said=shown.outcome(spec, correction.output) if correction.output is not None else "",
        settled=shown.outcome(spec, settled.output) if settled is not None and settled.output is not None else "",
        carries=carries,
        alone=settled is not None and carries and len(settled.corrections) == 1,
        why_not=why_not(correction, now=now),
    )
