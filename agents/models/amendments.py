"""What became of an answer after it was given."""

from django.db import models
from django.db.models import Q

from agents.models.decisions import Resolution
from reviewapp.core import ids


class Amendment(models.Model):
    """People said something else after their answer had been given: its agent is told, and compensates. Append-only.

    The answer itself stays what it was. `output` is null while a judgement it rested on is taken back and none stands in its
    place.
    """

    class Cause(models.TextChoices):
        """What happened."""

        RECALLED = "recalled", "A judgement was recalled"
        QUARANTINED = "quarantined", "A source was put in quarantine"
        SETTLED = "settled", "Settled again"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, db_index=False, related_name="amendments")
    number = models.PositiveIntegerField()
    output = models.JSONField(null=True)
    cause = models.CharField(max_length=11, choices=Cause.choices)
    reference = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField()

    class Meta:
        ordering = ["resolution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["resolution", "number"], name="amendment_number_once"),
            models.CheckConstraint(
                condition=Q(cause__in=["recalled", "quarantined", "settled"]), name="amendment_cause"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="amendment_number"),
        ]

    def __str__(self) -> str:
        """Name the amendment by its answer."""
        return f"amendment {self.number} of {self.resolution_id}"
