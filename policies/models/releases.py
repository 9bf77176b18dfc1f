"""Releases and what their guards read."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from policies.rollout.plan import WHOLE
from reviewapp.core import clock, ids


class Release(models.Model):
    """One version's way into traffic, and out of it again."""

    class State(models.TextChoices):
        """Where the release stands."""

        CANARY = "canary", "In rollout"
        PAUSED = "paused", "Paused"
        LIVE = "live", "Serving"
        ROLLED_BACK = "rolled_back", "Rolled back"
        SUPERSEDED = "superseded", "Superseded"

    class Kind(models.TextChoices):
        """How it came into traffic."""

        WHOLE = "whole", "At once"
        STAGED = "staged", "In stages"
        ROLLBACK = "rollback", "Rolled back to"

    OPEN = (State.CANARY, State.PAUSED)

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.PROTECT, related_name="releases")
    replaces = models.ForeignKey("policies.PolicyVersion", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    plan = models.JSONField()
    stage = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State.choices)
    salt = models.CharField(max_length=40)
    approval = models.ForeignKey("approvals.ApprovalRequest", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=clock.now)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stage_started_at = models.DateTimeField(default=clock.now)
    live_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["agent", "-id"], name="release_of_agent")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state__in=["canary", "paused"]), name="release_one_open"
            ),
            models.UniqueConstraint(fields=["agent"], condition=Q(state="live"), name="release_one_live"),
            models.CheckConstraint(
                condition=Q(started_at__isnull=False, started_by__isnull=False), name="release_started_pair"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["canary", "paused", "live"], finished_at__isnull=True)
                | Q(state__in=["rolled_back", "superseded"], finished_at__isnull=False),
                name="release_finished_when_closed",
            ),
            models.CheckConstraint(condition=~Q(state="live") | Q(live_at__isnull=False), name="release_live_has_time"),
        ]

    def __str__(self) -> str:
        """Name the release by its state."""
        return f"release {ids.short(str(self.id))} {self.state}"

    @property
    def share_bp(self) -> int:
        """Return the share of traffic it has now, in basis points."""
        if self.state == self.State.LIVE:
            return WHOLE
        return int(self.plan[self.stage]["share_bp"]) if self.state == self.State.CANARY else 0


class GuardReading(models.Model):
    """What one guard read at one moment, kept as evidence. Append-only."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="readings")
    stage = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    verdict = models.CharField(max_length=10)
    value = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    limit = models.FloatField()
    evidence = models.FloatField()
    n = models.PositiveIntegerField()
    text = models.TextField()
    read_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["release", "code", "id"], name="reading_of_guard")]

    def __str__(self) -> str:
        """Name the reading by its guard and verdict."""
        return f"{self.code} {self.verdict}"
