"""The four-eyes request. PostgreSQL itself refuses that one person asks and decides."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from reviewapp.core import ids


class ApprovalRequest(models.Model):
    """Someone asks, someone else decides. `binding` is the digest of exactly what is decided upon."""

    class State(models.TextChoices):
        """Where the request stands."""

        PENDING = "pending", "Waiting"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        RETURNED = "returned", "Returned"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    scope = models.CharField(max_length=80, blank=True)
    binding = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    rationale = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["kind", "state", "requested_at"], name="approval_inbox")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=F("requested_by")) | Q(state="withdrawn"), name="approval_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="approval_decided_pair",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "approved", "withdrawn"]) | ~Q(rationale=""),
                name="approval_refusal_has_reason",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=Q(state="pending"), name="approval_one_open"
            ),
        ]

    def __str__(self) -> str:
        """Name the request by what it is about."""
        return f"{self.kind} {self.subject_type}:{self.subject_id} {self.state}"
