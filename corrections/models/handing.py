"""Cases that went from hand to hand."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from corrections.models.queues import Task
from reviewapp.core import ids


class Handover(models.Model):
    """A held case that its holder gave to a named colleague, with what they had entered. Append-only.

    The draft stays on record under the name of who wrote it. Decision, kind and seat are the task's own: giver and
    receiver know the same thoughts, so neither may take another seat of that decision.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, db_index=False, related_name="handovers")
    decision_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    seat = models.PositiveSmallIntegerField()
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    draft = models.JSONField(null=True)
    # Whether the draft became the receiver's: what they had entered for the case themselves is never written over.
    copied = models.BooleanField()
    lease_token = models.BigIntegerField()
    handed_at = models.DateTimeField()
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["decision_id"], name="handover_of_decision")]
        constraints = [
            models.UniqueConstraint(fields=["task", "lease_token"], name="handover_once"),
            models.CheckConstraint(condition=Q(handed_at__isnull=False, handed_by__isnull=False), name="handover_pair"),
            models.CheckConstraint(condition=~Q(receiver=F("handed_by")), name="handover_to_another"),
            models.CheckConstraint(condition=Q(copied=False) | Q(draft__isnull=False), name="handover_copied_draft"),
        ]

    def __str__(self) -> str:
        """Name the case and its receiver."""
        return f"hand-over of {self.task_id} to {self.receiver_id}"
