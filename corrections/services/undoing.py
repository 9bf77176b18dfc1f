"""Undoing a submission before anything has left."""

from uuid import UUID

from django.db import transaction

from corrections.models import Correction, Undo
from corrections.rules import submission
from corrections.services import attachments, drafts, seats
from reviewapp.core import clock, events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Missing

events.external("correction.undone")


@transaction.atomic
def undo(*, correction_id: UUID, by: User) -> UUID:
    """Take back one's own submission while it is held; return the task that is open again, with everything entered as a draft.

    Either this or the handing on of the submission happens, whatever the clocks say: both need the same row. Raises
    `Missing` for what is not one's own, and `Conflict` when it has left, or was undone before.
    """
    correction = Correction.objects.select_related("task").filter(pk=correction_id, author=by).first()
    if correction is None:
        raise Missing("There is no such submission of yours.")
    if Undo.objects.filter(correction=correction).exists():
        raise Conflict("You have undone this already.", code="undone")
    now = clock.now()
    subject = ("decision", str(correction.decision_id))
    held = correction.held_until is not None and now < correction.held_until
    if not held or not events.take_back(
        "correction.submitted", subject=subject, member="correction", value=str(correction.pk)
    ):
        raise Conflict("It is too late to undo this: your submission has taken effect.", code="too_late")
    Undo.objects.create(correction=correction, decision_id=correction.decision_id, undone_at=now, undone_by=by)
    actor = actors.of(by)
    task = seats.give_back(correction=correction, by=actor)
    files = attachments.carry(correction=correction, task=task)
    drafts.keep(task_id=task.pk, entry=entries(correction), attachments=files, by=by)
    events.record(
        "correction.undone",
        subject=subject,
        actor=actor,
        scope=correction.task.queue.agent.slug,
        data={"correction": str(correction.pk), "task": str(task.pk)},
    )
    return task.pk


def entries(correction: Correction) -> submission.Entry:
    """Return what the author of a correction entered, to go on from."""
    return submission.Entry(
        correction.verdict,
        correction.output if correction.verdict == Correction.Verdict.CORRECT else None,
        correction.reason_code,
        correction.justification,
        tuple(correction.evidence),
        correction.confidence,
    )
