"""What a reviewer said before they saw what the agent had decided."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from corrections.models.queues import Task
from reviewapp.core import ids


class FirstJudgement(models.Model):
    """A person's own judgement of a blind case, recorded before the agent's decision was shown to them. Append-only.

    Without `output` they could not tell. What they submit afterwards is a `Correction` of its own.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    # PostgreSQL holds task and decision together (`firstjudgement_of_task`).
    task = models.ForeignKey(Task, on_delete=models.PROTECT, db_constraint=False, related_name="first_judgements")
    decision = models.ForeignKey(
        "agents.Decision", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="first_judgements"
    )
    output = models.JSONField(null=True)
    justification = models.TextField(blank=True)
    confidence = models.PositiveSmallIntegerField(null=True)
    contract_version = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["author", "-recorded_at"], name="firstjudgement_by_author")]
        constraints = [
            # First is first: nobody has a second one, in whichever seat.
            models.UniqueConstraint(fields=["decision", "author"], name="firstjudgement_once"),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__gte=1, confidence__lte=5),
                name="firstjudgement_confidence",
            ),
        ]

    def __str__(self) -> str:
        """Name it by person and decision."""
        return f"first judgement of {self.decision_id} by {self.author_id}"
