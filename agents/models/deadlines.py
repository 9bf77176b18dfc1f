"""Until when an agent waits for people."""

from django.db import models
from django.db.models import Q

from agents.models.agents import Agent
from agents.models.decisions import Decision


class Deadline(models.Model):
    """When a flagged decision's review is due, and how the waiting ended. It ends once: PostgreSQL refuses a second end."""

    class Outcome(models.TextChoices):
        """What ended the wait."""

        WAITING = "", "Waiting"
        ANSWERED = "answered", "Answered"
        FALLBACK = "fallback", "Fallback given"
        DENY = "deny", "Denied"
        REVIEW = "review", "Left to people"

    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, db_constraint=False, primary_key=True, related_name="deadline"
    )
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at"]
        indexes = [models.Index(fields=["due_at"], condition=Q(outcome=""), name="deadline_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", "answered", "fallback", "deny", "review"]), name="deadline_outcome"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at__isnull=True) | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="deadline_settled_pair",
            ),
        ]

    def __str__(self) -> str:
        """Name the deadline by its decision."""
        return f"deadline of {self.decision_id}"
