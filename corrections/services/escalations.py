"""Deciding escalated corrections: a second person approves, rejects or returns."""

from uuid import UUID

from django.db import transaction

from corrections.models import Escalation
from corrections.selectors import rights, sealed
from corrections.services import attachments, drafts, risk, seats, undoing
from reviewapp.core import events
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals import services as approvals
from reviewapp.core.approvals.models import ApprovalRequest
from reviewapp.core.errors import Missing, NotAllowed
from reviewapp.core.events import live


@transaction.atomic
def decide(*, escalation_id: UUID, verdict: str, rationale: str, alike_to: UUID | None = None, by: User) -> Escalation:
    """Approve, reject or return an escalated correction; never one's own, nor of a case that one has judged.

    Approved: it counts. Rejected: it does not, and someone else judges the case. Returned: its author judges again, with
    the rationale as a note and the old entries as a draft. `alike_to` names the escalation it was approved together with,
    for the record. Raises what `approvals.decide` raises, `Missing` and
    `NotAllowed`.
    """
    found = Escalation.objects.select_related("agent", "correction__task__queue", "correction__author", "approval")
    escalation = found.filter(pk=escalation_id).first()
    if escalation is None or not access.can(by, "agents.view_agent", escalation.agent):
        raise Missing("This escalation does not exist.")
    access.require(by, "agents.decide_escalation", escalation.agent)
    correction = escalation.correction
    # Whoever judges the case at this instant holds this row as well: either they see the decision, or it sees them.
    ApprovalRequest.objects.select_for_update().get(pk=escalation.approval_id)
    # The author is told so by `approvals.decide`; PostgreSQL refuses both (`corrections_second_person`).
    if by.pk != correction.author_id and rights.has_judged(by, correction.decision_id):
        raise NotAllowed("You judged this case, so someone who has not decides it (four-eyes).", code="four_eyes")
    # Nobody decides what they were not shown.
    sealed.require_open(by, correction.decision_id)
    approvals.decide(
        approval_id=escalation.approval_id,
        verdict=verdict,
        rationale=rationale,
        binding=risk.binding(correction),
        by=by,
    )
    actor = actors.of(by)
    events.record(
        "escalation.decided",
        subject=("decision", str(correction.decision_id)),
        actor=actor,
        scope=escalation.agent.slug,
        data={"escalation": str(escalation.pk), "correction": str(correction.pk), "verdict": verdict}
        | ({"alike_to": str(alike_to)} if alike_to else {}),
    )
    if verdict in {"rejected", "returned"}:
        author = correction.author if verdict == "returned" else None
        task = seats.reopen(correction=correction, reserved_for=author, note=rationale.strip(), by=actor)
        if author is not None:
            files = attachments.carry(correction=correction, task=task)
            drafts.keep(task_id=task.pk, entry=undoing.entries(correction), attachments=files, by=author)
    live.push(f"escalations.{escalation.agent.slug}", {"escalation": str(escalation.pk), "verdict": verdict})
    escalation.approval.refresh_from_db()
    return escalation
