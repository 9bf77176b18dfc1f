"""What people said: corrections, the escalations they may need, and the consensus they become."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from corrections.models.queues import Task
from reviewapp.core import ids


class Correction(models.Model):
    """One person's judgement of one decision, with its provenance. Append-only."""

    class Verdict(models.TextChoices):
        """What the person says."""

        AGREE = "agree", "Agree"
        CORRECT = "correct", "Correct"
        CANNOT_TELL = "cannot_tell", "Can’t tell"
        ESCALATE = "escalate", "Escalate"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    # PostgreSQL holds task and decision together to a task and its own decision (`correction_of_task`): once is enough.
    task = models.OneToOneField(Task, on_delete=models.PROTECT, db_constraint=False, related_name="correction")
    decision = models.ForeignKey(
        "agents.Decision", on_delete=models.PROTECT, db_constraint=False, related_name="corrections"
    )
    # By author there is `correction_by_author`.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="corrections"
    )
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    verdict = models.CharField(max_length=11, choices=Verdict.choices)
    output = models.JSONField(null=True)
    reason_code = models.CharField(max_length=60, blank=True)
    justification = models.TextField(blank=True)
    evidence = models.JSONField(default=list)
    confidence = models.PositiveSmallIntegerField(null=True)
    contract_version = models.PositiveIntegerField()
    policy_version = models.PositiveIntegerField(null=True)
    artifact_digest = models.CharField(max_length=80, blank=True)
    shown = models.JSONField(default=dict)
    time_spent_ms = models.PositiveIntegerField(default=0)
    client = models.CharField(max_length=200, blank=True)
    lease_token = models.BigIntegerField()
    digest = models.CharField(max_length=80)
    submitted_at = models.DateTimeField()
    # Until then nothing has left: its author may undo it, and nobody else sees it. Empty: it took effect at once.
    held_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["submitted_at", "id"]
        indexes = [models.Index(fields=["author", "-submitted_at"], name="correction_by_author")]
        constraints = [
            # One person fills one seat of a decision: two answers of theirs must never look like two opinions. What was
            # returned to them they may replace, once (`replaces` is unique, and PostgreSQL holds it to the same person).
            models.UniqueConstraint(
                fields=["decision", "author"], condition=Q(replaces__isnull=True), name="correction_one_seat_each"
            ),
            models.UniqueConstraint(fields=["id", "decision", "author"], name="correction_replaceable"),
            models.CheckConstraint(
                condition=Q(verdict__in=["agree", "correct", "cannot_tell", "escalate"]), name="correction_verdict"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["agree", "correct"], output__isnull=False)
                | Q(verdict__in=["cannot_tell", "escalate"], output__isnull=True),
                name="correction_output_by_verdict",
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__gte=1, confidence__lte=5),
                name="correction_confidence",
            ),
            models.CheckConstraint(
                condition=Q(held_until__isnull=True) | Q(held_until__gt=F("submitted_at")), name="correction_held_later"
            ),
        ]

    def __str__(self) -> str:
        """Show verdict and decision."""
        return f"{self.verdict} on {self.decision_id}"


class Undo(models.Model):
    """A correction that its author took back before anything had left. Append-only, and never by anybody else."""

    correction = models.OneToOneField(Correction, on_delete=models.PROTECT, primary_key=True, related_name="undone")
    decision_id = models.UUIDField()
    undone_at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        ordering = ["undone_at"]
        constraints = [
            models.CheckConstraint(condition=Q(undone_at__isnull=False, undone_by__isnull=False), name="undo_pair"),
        ]

    def __str__(self) -> str:
        """Name the correction."""
        return f"undo of {self.correction_id}"


class Recall(models.Model):
    """A correction that its author took back after it had taken effect. Append-only, and never by anybody else."""

    correction = models.OneToOneField(Correction, on_delete=models.PROTECT, primary_key=True, related_name="recalled")
    decision_id = models.UUIDField()
    reason = models.CharField(max_length=1000)
    recalled_at = models.DateTimeField()
    recalled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )

    class Meta:
        ordering = ["recalled_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recalled_at__isnull=False, recalled_by__isnull=False), name="recall_pair"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="recall_says_why"),
        ]

    def __str__(self) -> str:
        """Name the correction."""
        return f"recall of {self.correction_id}"


class Escalation(models.Model):
    """A correction that waits for a second person. How it was decided stands in the approval request."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    correction = models.OneToOneField(Correction, on_delete=models.PROTECT, related_name="escalation")
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+")
    approval = models.OneToOneField("approvals.ApprovalRequest", on_delete=models.PROTECT, related_name="+")
    rules = models.JSONField(default=list)
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()

    class Meta:
        ordering = ["due_at"]
        indexes = [models.Index(fields=["agent", "due_at"], name="escalation_inbox")]

    def __str__(self) -> str:
        """Name the escalation by its correction."""
        return f"escalation of {self.correction_id}"


class Consensus(models.Model):
    """What people together say a decision should have been. One row per decision is authoritative."""

    class State(models.TextChoices):
        """Whether it can be learned from."""

        USABLE = "usable", "Usable"
        ABSTAINED = "abstained", "Nobody could tell"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    decision = models.ForeignKey(
        "agents.Decision", on_delete=models.PROTECT, db_constraint=False, related_name="consensus"
    )
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+", db_index=False)
    revision = models.PositiveIntegerField(default=1)
    authoritative = models.BooleanField(default=True)
    state = models.CharField(max_length=9, choices=State.choices)
    output = models.JSONField(null=True)
    label = models.CharField(max_length=120, blank=True)
    confidence = models.FloatField()
    method = models.CharField(max_length=40)
    changed = models.BooleanField()
    corrections = ArrayField(models.UUIDField())
    formed_at = models.DateTimeField()

    class Meta:
        ordering = ["formed_at", "id"]
        indexes = [
            models.Index(
                fields=["agent", "formed_at", "id"], condition=Q(authoritative=True), name="consensus_of_agent"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["decision"], condition=Q(authoritative=True), name="consensus_one_authoritative"
            ),
            models.UniqueConstraint(fields=["decision", "revision"], name="consensus_revision_once"),
            models.CheckConstraint(
                condition=Q(state="abstained") | Q(output__isnull=False), name="consensus_has_output"
            ),
            models.CheckConstraint(condition=Q(confidence__gte=0, confidence__lte=1), name="consensus_confidence"),
        ]

    def __str__(self) -> str:
        """Show label and decision."""
        return f"{self.label or self.state} for {self.decision_id}"
