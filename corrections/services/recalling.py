"""Recalling a correction that has taken effect: it counts no more, and whoever was told of it is told of that."""

from uuid import UUID

from django.db import IntegrityError, transaction

from corrections.models import Recall
from corrections.selectors import recalls
from reviewapp.core import clock, events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing

LONGEST_REASON = 1000


@transaction.atomic
def recall(*, correction_id: UUID, reason: str, by: User) -> Recall:
    """Take back one's own correction after the time to undo it has passed; it stays on record and counts no more.

    The relay forms the consensus anew without it, opens the case again when nothing stands, and has the agent told when that
    changes its answer. Raises `Missing` for what is not one's own, `Invalid` without a reason, and `Conflict` with the
    reason when it cannot be recalled (see `selectors.recalls.why_not`).
    """
    correction = recalls.own(correction_id, by, lock=True)
    if correction is None:
        raise Missing("There is no such correction of yours.")
    now, words = clock.now(), reason.strip()
    if not words or len(words) > LONGEST_REASON or "\x00" in words:
        raise Invalid("Nothing was recalled.", fields={"reason": f"Say why, in up to {LONGEST_REASON:,} characters."})
    if why := recalls.why_not(correction, now=now):
        raise Conflict(why, code="not_recallable")
    try:
        with transaction.atomic():
            row = Recall.objects.create(
                correction=correction,
                decision_id=correction.decision_id,
                reason=words,
                recalled_at=now,
                recalled_by=by,
            )
    except IntegrityError:
        raise Conflict("You have recalled this already.", code="not_recallable") from None
    events.record(
        "correction.recalled",
        subject=("decision", str(correction.decision_id)),
        actor=actors.of(by),
        scope=correction.task.queue.agent.slug,
        data={"correction": str(correction.pk)},
    )
    return row
