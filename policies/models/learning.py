"""What is learned from, when, and how: settings, reference cases, snapshots, builds."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviewapp.core import clock, ids


class LearningSettings(models.Model):
    """How one agent learns and is released. Changed by people only; every change is an event."""

    agent = models.OneToOneField("agents.Agent", on_delete=models.PROTECT, primary_key=True, related_name="+")
    learner = models.JSONField(default=dict)
    exceptions = models.JSONField(default=dict)
    gates = models.JSONField(default=dict)
    guards = models.JSONField(default=dict)
    default_plan = models.JSONField(default=list)
    min_new_consensus = models.PositiveIntegerField(default=50)
    holdout_share_bp = models.PositiveIntegerField(default=1000)
    seed = models.PositiveIntegerField(default=1)
    auto_build = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "learning settings"
        constraints = [
            models.CheckConstraint(condition=Q(holdout_share_bp__lte=5000), name="learning_holdout_at_most_half"),
            models.CheckConstraint(condition=Q(min_new_consensus__gte=1), name="learning_min_new_positive"),
        ]

    def __str__(self) -> str:
        """Name the settings by their agent."""
        return f"learning settings of {self.agent_id}"


class ReferenceCase(models.Model):
    """A case with a known answer that came with the agent. Append-only."""

    class Role(models.TextChoices):
        """What the case may be used for. Never both."""

        TRAIN = "train", "Training"
        EVALUATE = "evaluate", "Evaluation"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=Role.choices)
    input = models.JSONField()
    proposal = models.JSONField(null=True)
    output = models.JSONField()
    label = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    digest = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "digest"], name="reference_case_once"),
            models.CheckConstraint(condition=Q(role__in=["train", "evaluate"]), name="reference_case_role"),
        ]

    def __str__(self) -> str:
        """Name the case by its use and content."""
        return f"{self.role} {ids.short(self.digest)}"


class Snapshot(models.Model):
    """Exactly what a version was learned from, as canonical bytes under their digest. Append-only."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=80)
    rows = models.PositiveIntegerField()
    body = models.BinaryField()
    cutoff = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["agent", "digest"], name="snapshot_content_once")]

    def __str__(self) -> str:
        """Name the snapshot by its content."""
        return f"{self.rows} rows {ids.short(self.digest)}"


class Build(models.Model):
    """One run of the learner, from the wish for a version to the version, or to the reason why there is none."""

    class State(models.TextChoices):
        """Where the build stands."""

        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Finished"
        FAILED = "failed", "Failed"
        NOTHING_NEW = "nothing_new", "Nothing new"

    OPEN = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    touched_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["agent", "-id"], name="build_of_agent")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state__in=["queued", "running"]), name="build_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at__isnull=True)
                | (~Q(state__in=["queued", "running"]) & Q(finished_at__isnull=False)),
                name="build_finished_when_closed",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="build_failure_has_error"),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(version__isnull=False), name="build_success_has_version"
            ),
        ]

    def __str__(self) -> str:
        """Name the build by its state."""
        return f"build {ids.short(str(self.id))} {self.state}"
