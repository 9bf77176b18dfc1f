"""What is served: sealed policies and the slot that points at them."""

from django.db import models
from django.db.models import Q

from agents.models.agents import Agent


class Artifact(models.Model):
    """A sealed policy: exactly the bytes its digest names. Append-only."""

    digest = models.CharField(primary_key=True, max_length=80)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="artifacts")
    body = models.BinaryField()
    sealed_at = models.DateTimeField()
    sealed_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-sealed_at"]
        constraints = [models.CheckConstraint(condition=~Q(sealed_by=""), name="artifact_sealed_pair")]

    def __str__(self) -> str:
        """Show the digest."""
        return self.digest


class Slot(models.Model):
    """What an agent's traffic gets. Every change raises `serial`, so that no process can go back to an older state."""

    agent = models.OneToOneField(Agent, on_delete=models.PROTECT, primary_key=True, related_name="slot")
    serial = models.BigIntegerField(default=0)
    stable = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, related_name="+")
    stable_version = models.PositiveIntegerField(null=True)
    canary = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, related_name="+")
    canary_version = models.PositiveIntegerField(null=True)
    canary_share = models.PositiveIntegerField(default=0)
    salt = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    changed_by_label = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(canary_share__lte=10_000), name="slot_share_in_basis_points"),
            models.CheckConstraint(
                condition=Q(stable__isnull=True, stable_version__isnull=True)
                | Q(stable__isnull=False, stable_version__isnull=False),
                name="slot_stable_pair",
            ),
            models.CheckConstraint(
                condition=Q(canary__isnull=True, canary_version__isnull=True, canary_share=0)
                | Q(canary__isnull=False, canary_version__isnull=False, stable__isnull=False),
                name="slot_canary_beside_stable",
            ),
            models.CheckConstraint(condition=~Q(changed_by=""), name="slot_changed_pair"),
        ]

    def __str__(self) -> str:
        """Name the slot by agent and serial."""
        return f"{self.agent_id} at {self.serial}"
