"""Policy versions and their evaluations."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviewapp.core import clock, ids


class PolicyVersion(models.Model):
    """A sealed policy with its origin and its way through evaluation, approval and release.

    What it is never changes (a trigger refuses it); only where it stands does, along the state machine.
    """

    class State(models.TextChoices):
        """Where the version stands."""

        BUILT = "built", "Built"
        EVALUATED = "evaluated", "Evaluated"
        SUBMITTED = "submitted", "Waiting for approval"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        RELEASING = "releasing", "In rollout"
        LIVE = "live", "Serving"
        SUPERSEDED = "superseded", "Superseded"
        ROLLED_BACK = "rolled_back", "Rolled back"

    class Origin(models.TextChoices):
        """Where the version came from."""

        BASE = "base", "Reference cases"
        LEARNED = "learned", "Settled decisions"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    artifact = models.ForeignKey("agents.Artifact", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    snapshot = models.ForeignKey("policies.Snapshot", on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    learner = models.CharField(max_length=40)
    recipe = models.CharField(max_length=80)
    seed = models.PositiveIntegerField()
    notes = models.JSONField()
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    state = models.CharField(max_length=12, choices=State.choices, default=State.BUILT)
    plan = models.JSONField(default=list)
    approval = models.ForeignKey("approvals.ApprovalRequest", on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="version_submitted_pair",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["built", "evaluated"]) | Q(approval__isnull=False),
                name="version_beyond_evaluation_has_approval",
            ),
            models.CheckConstraint(
                condition=~Q(origin="learned") | Q(snapshot__isnull=False), name="version_learned_has_snapshot"
            ),
        ]

    def __str__(self) -> str:
        """Name the version by its number."""
        return f"version {self.number}"


class Evaluation(models.Model):
    """A version measured against the version that served then, on cases it never learned from. Append-only."""

    class Verdict(models.TextChoices):
        """The worst verdict of all gates."""

        PASS = "pass", "Passed"
        INCONCLUSIVE = "inconclusive", "Inconclusive"
        FAIL = "fail", "Failed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="evaluations")
    baseline = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    data_digest = models.CharField(max_length=80)
    limits = models.JSONField()
    n = models.PositiveIntegerField()
    metrics = models.JSONField()
    gates = models.JSONField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    digest = models.CharField(max_length=80)
    evaluated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["version", "-id"], name="evaluation_of_version")]

    def __str__(self) -> str:
        """Name the evaluation by its outcome."""
        return f"evaluation {self.verdict} on {self.n} cases"
