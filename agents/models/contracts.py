"""What surrounds published contracts: drafts of the next version, and until when a version is good."""

from django.db import models
from django.db.models import F, Q

from agents.models.agents import Agent, Contract
from reviewapp.core import ids


class ContractDraft(models.Model):
    """The draft of an agent's next contract. `revision` rises with every save, so that nobody overwrites unseen."""

    agent = models.OneToOneField(Agent, on_delete=models.PROTECT, primary_key=True, related_name="contract_draft")
    body = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=80)
    saved_by_label = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(saved_by=""), name="contractdraft_saved_pair"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="contractdraft_revision_from_one"),
        ]

    def __str__(self) -> str:
        """Name the draft by its agent."""
        return f"draft of {self.agent_id}"


class ContractDeprecation(models.Model):
    """Since when a contract is deprecated and when it ends, as somebody said. Append-only: the newest word counts."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="deprecations")
    deprecated_at = models.DateTimeField()
    sunset_at = models.DateTimeField()
    reason = models.TextField()
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=80)
    said_by_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["contract", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(sunset_at__gt=F("deprecated_at")), name="deprecation_before_sunset"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(said_by=""), name="deprecation_reasoned_and_said"),
        ]

    def __str__(self) -> str:
        """Name it by its contract."""
        return f"{self.contract_id} until {self.sunset_at}"


class OpenDecision(models.Model):
    """A flagged decision that has no resolution yet.

    Kept by triggers of the two tables, so that the backlog is counted without looking at what is done.
    """

    decision_id = models.UUIDField(primary_key=True, editable=False)
    # Agents never vanish, and the trigger copies what the decision's own reference was checked for.
    agent = models.ForeignKey(Agent, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")

    def __str__(self) -> str:
        """Show the decision's id."""
        return str(self.decision_id)
