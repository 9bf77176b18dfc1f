"""Reading four-eyes requests."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from reviewapp.core.approvals.models import ApprovalRequest


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A request for the second signature, and what became of it. Names are empty where nobody has acted."""

    id: UUID
    state: str
    state_label: str
    requested_by: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    rationale: str
    binding: str


def of_subject(subject_type: str, subject_id: str) -> tuple[ApprovalRow, ...]:
    """Return every request about one subject, newest first. The caller has checked the right to see it."""
    found = ApprovalRequest.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return tuple(_row(one) for one in found.select_related("requested_by", "decided_by").order_by("-id"))


def _row(one: ApprovalRequest) -> ApprovalRow:
    return ApprovalRow(
        id=one.pk,
        state=one.state,
        state_label=str(ApprovalRequest.State(one.state).label),
        requested_by=one.requested_by.display_name,
        requested_at=one.requested_at,
        decided_by=one.decided_by.display_name if one.decided_by else "",
        decided_at=one.decided_at,
        rationale=one.rationale,
        binding=one.binding,
    )
