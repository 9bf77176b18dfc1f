"""What became of a case in the world."""

from django.db import models
from django.db.models import Q

from agents.models.agents import Agent, Contract
from agents.models.decisions import Decision
from reviewapp.core import ids


class Outcome(models.Model):
    """What was observed of a decided case, at a time of its own. Append-only: the newest observation is what counts."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    # Of the agent for its figures and of the decision for its page there are indexes below.
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, db_constraint=False, related_name="outcomes", db_index=False
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.JSONField()
    values = models.JSONField(default=dict)
    digest = models.CharField(max_length=80)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by_kind = models.CharField(max_length=8)
    recorded_by = models.CharField(max_length=64)
    recorded_by_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = [models.Index(fields=["agent", "decision", "-observed_at", "-id"], name="outcome_newest")]
        constraints = [
            models.UniqueConstraint(fields=["decision", "digest"], name="outcome_told_once"),
            models.CheckConstraint(condition=~Q(recorded_by=""), name="outcome_recorded_pair"),
        ]

    def __str__(self) -> str:
        """Name the outcome by its decision."""
        return f"outcome of {self.decision_id}"
