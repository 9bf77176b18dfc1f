"""What people must be able to do to work in a queue, and who is certified to."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from corrections.models.queues import Queue
from reviewapp.core import ids


class Skill(models.Model):
    """Something an agent's cases ask of whoever judges them: a language, a product, a licence."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, db_index=False, related_name="+")
    code = models.SlugField(max_length=60, db_index=False)
    name = models.CharField(max_length=120)
    about = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "code"], name="skill_code_once"),
            # What a requirement names together: its skill and that skill's own agent.
            models.UniqueConstraint(fields=["id", "agent"], name="skill_of_agent"),
            models.CheckConstraint(condition=~Q(name=""), name="skill_named"),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class SkillNeed(models.Model):
    """A queue gives its tasks only to who is certified in a skill. PostgreSQL holds both to one agent."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, db_index=False, related_name="+")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, db_index=False, related_name="needs")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="needed_by")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["queue", "skill"], name="skillneed_once")]

    def __str__(self) -> str:
        """Name queue and skill."""
        return f"{self.queue_id} needs {self.skill_id}"


class Certificate(models.Model):
    """Somebody is certified in a skill for a time. Append-only: renewed by a later one, ended early by a revocation."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, db_index=False, related_name="certificates")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    basis = models.CharField(max_length=400)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        ordering = ["-valid_until", "id"]
        indexes = [models.Index(fields=["skill", "person", "-valid_until"], name="certificate_holding")]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="certificate_time"),
            models.CheckConstraint(condition=~Q(granted_by=F("person")), name="certificate_by_another"),
            models.CheckConstraint(condition=~Q(basis=""), name="certificate_basis"),
            models.CheckConstraint(
                condition=Q(granted_at__isnull=False, granted_by__isnull=False), name="certificate_granted_pair"
            ),
        ]

    def __str__(self) -> str:
        """Name skill and person."""
        return f"{self.person_id} in {self.skill_id}"


class CertificateRevocation(models.Model):
    """A certificate that ended before its time. Append-only."""

    certificate = models.OneToOneField(
        Certificate, on_delete=models.PROTECT, primary_key=True, related_name="revocation"
    )
    reason = models.CharField(max_length=400)
    revoked_at = models.DateTimeField()
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        ordering = ["revoked_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="certificaterevocation_reason"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=False, revoked_by__isnull=False), name="certificaterevocation_pair"
            ),
        ]

    def __str__(self) -> str:
        """Name the certificate."""
        return f"revocation of {self.certificate_id}"


class CertificateWarning(models.Model):
    """Somebody was told that a certificate of theirs ends soon. Append-only, and once."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, primary_key=True, related_name="warning")
    warned_at = models.DateTimeField()

    class Meta:
        ordering = ["warned_at"]

    def __str__(self) -> str:
        """Name the certificate."""
        return f"warning of {self.certificate_id}"
