"""What is served: sealed policies with their signatures, the slot that points at them, and what the slot signed."""

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


class ArtifactSignature(models.Model):
    """A key's signature (DSSE, Ed25519) over a sealed policy. Append-only; a new key adds its own."""

    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="signatures")
    key_id = models.CharField(max_length=80)
    value = models.BinaryField()
    signed_at = models.DateTimeField()
    signed_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["artifact", "key_id"], name="artifact_signature_once_a_key"),
            models.CheckConstraint(condition=~Q(signed_by=""), name="artifact_signature_signed_pair"),
        ]

    def __str__(self) -> str:
        """Name the signature by policy and key."""
        return f"{self.artifact_id} by {self.key_id}"


class Revocation(models.Model):
    """A sealed policy that must never be served again, and why. Append-only: there is no way back."""

    artifact = models.OneToOneField(Artifact, on_delete=models.PROTECT, primary_key=True, related_name="revocation")
    reason = models.TextField()
    revoked_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=80)
    revoked_by_label = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason="") & ~Q(revoked_by=""), name="revocation_revoked_pair")
        ]

    def __str__(self) -> str:
        """Name the policy."""
        return self.artifact_id


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


class ChannelStatement(models.Model):
    """What a slot said, signed, under one serial. Append-only: serving processes follow the newest.

    `issued_at` and `not_after` repeat what the signed bytes say, for the task that renews in time.
    """

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="statements")
    serial = models.BigIntegerField()
    envelope = models.JSONField()
    issued_at = models.DateTimeField()
    not_after = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "serial"], name="channel_statement_once_a_serial"),
            models.CheckConstraint(condition=Q(not_after__gt=models.F("issued_at")), name="channel_statement_expires"),
        ]

    def __str__(self) -> str:
        """Name the statement by agent and serial."""
        return f"{self.agent_id} at {self.serial}"
