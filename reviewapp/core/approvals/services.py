"""Asking for, and giving, the second signature."""

from uuid import UUID

from django.db import IntegrityError, transaction

from reviewapp.core import clock, events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals.models import ApprovalRequest
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed

events.external(
    "approval.requested", "approval.approved", "approval.rejected", "approval.returned", "approval.withdrawn"
)

VERDICTS = ("approved", "rejected", "returned")


@transaction.atomic
def request(*, kind: str, subject: tuple[str, str], scope: str, binding: str, by: User) -> ApprovalRequest:
    """Ask a second person to decide on `subject`; `binding` is the digest of exactly what they will decide on.

    Raises `Conflict` when a request for the same subject is still open.
    """
    try:
        with transaction.atomic():
            row = ApprovalRequest.objects.create(
                kind=kind,
                subject_type=subject[0],
                subject_id=subject[1],
                scope=scope,
                binding=binding,
                requested_at=clock.now(),
                requested_by=by,
            )
    except IntegrityError:
        raise Conflict("This is already waiting for a second person.", code="approval_open") from None
    _tell(row, by)
    return row


@transaction.atomic
def decide(*, approval_id: UUID, verdict: str, rationale: str, binding: str, by: User) -> ApprovalRequest:
    """Give the second signature, refuse it, or send it back.

    `binding` is the digest of what `by` has seen: when the subject has changed since, nothing is decided.
    Raises `Invalid` (unknown verdict, refusal without rationale), `Missing`, `Conflict` (decided already, or changed),
    `NotAllowed` (the person who asked). The permission to decide is the caller's to check; four-eyes is checked here
    and by the database.
    """
    if verdict not in VERDICTS:
        raise Invalid("Choose a verdict.", fields={"verdict": f"Use one of {', '.join(VERDICTS)}."})
    if verdict != "approved" and not rationale.strip():
        raise Invalid("Say why.", fields={"rationale": "A refusal needs a rationale: the author will read it."})
    row = ApprovalRequest.objects.select_for_update().filter(pk=approval_id).first()
    if row is None:
        raise Missing("This request does not exist.")
    if row.requested_by_id == by.pk:
        raise NotAllowed("You asked for this approval, so someone else decides it (four-eyes).", code="four_eyes")
    if row.state != ApprovalRequest.State.PENDING:
        raise Conflict(f"This was already {row.state}.", code="already_decided", extra={"state": row.state})
    if row.binding != binding:
        raise Conflict("What you saw has changed since. Read it again, then decide.", code="binding_changed")
    return _close(row, verdict, rationale, by)


@transaction.atomic
def withdraw(*, approval_id: UUID, rationale: str, by: User) -> ApprovalRequest:
    """Take back one's own open request. Raises `Missing`, `NotAllowed` (someone else's), `Conflict` (decided already)."""
    row = ApprovalRequest.objects.select_for_update().filter(pk=approval_id).first()
    if row is None:
        raise Missing("This request does not exist.")
    if row.requested_by_id != by.pk:
        raise NotAllowed("Only the person who asked can withdraw the request.")
    if row.state != ApprovalRequest.State.PENDING:
        raise Conflict(f"This was already {row.state}.", code="already_decided", extra={"state": row.state})
    return _close(row, "withdrawn", rationale, by)


def _close(row: ApprovalRequest, state: str, rationale: str, by: User) -> ApprovalRequest:
    row.state, row.rationale, row.decided_at, row.decided_by = state, rationale.strip(), clock.now(), by
    row.save(update_fields=["state", "rationale", "decided_at", "decided_by"])
    _tell(row, by)
    return row


def _tell(row: ApprovalRequest, by: User) -> None:
    action = "requested" if row.state == ApprovalRequest.State.PENDING else row.state
    events.record(
        f"approval.{action}",
        subject=("approval", str(row.pk)),
        actor=actors.of(by),
        scope=row.scope,
        data={"kind": row.kind, "subject": [row.subject_type, row.subject_id], "binding": row.binding},
    )
