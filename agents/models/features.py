"""Feature views and the values that were known of their entities."""

from django.db import models
from django.db.models import Q

from agents.models.agents import Agent
from reviewapp.core import ids


class FeatureView(models.Model):
    """A kind of entity and the agent whose people answer for what is known of it. Names are unique. Append-only."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="feature_views")
    name = models.SlugField(max_length=60, unique=True)
    entity = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(entity="") & ~Q(created_by=""), name="featureview_named_and_made"
            )
        ]

    def __str__(self) -> str:
        """Show the view's name."""
        return self.name


class FeatureVersion(models.Model):
    """One version of a view: its features with type, unit, owner, freshness and class. Append-only.

    `changes` says in words what it changes against the version before: a list of {"breaking", "text"}.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    view = models.ForeignKey(FeatureView, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    body = models.JSONField()
    digest = models.CharField(max_length=80)
    changes = models.JSONField(default=list)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)
    published_by_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["view", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["view", "version"], name="featureversion_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="featureversion_from_one"),
            models.CheckConstraint(condition=~Q(published_by=""), name="featureversion_published_pair"),
        ]

    def __str__(self) -> str:
        """Name the version by its view."""
        return f"{self.view_id} version {self.version}"


class FeatureValue(models.Model):
    """What was known of one entity from `event_time` on, and since when (`ingested_at`) we knew it. Append-only.

    Partitioned by the month of `event_time`. The same values for the same moment are one row, so sending twice is
    sending once; other values for the same moment are a correction, and the later of the two counts.
    """

    pk = models.CompositePrimaryKey("version_id", "entity", "event_time", "digest")
    version = models.ForeignKey(FeatureVersion, on_delete=models.PROTECT, related_name="values_of", db_index=False)
    entity = models.CharField(max_length=200)
    event_time = models.DateTimeField()
    digest = models.CharField(max_length=64)
    values = models.JSONField()
    ingested_at = models.DateTimeField()
    ingested_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["version", "entity", "-event_time"]
        indexes = [models.Index(fields=["version", "ingested_at"], name="featurevalue_ingested")]
        constraints = [
            models.CheckConstraint(condition=~Q(entity=""), name="featurevalue_entity"),
            models.CheckConstraint(condition=~Q(ingested_by=""), name="featurevalue_ingested_pair"),
        ]

    def __str__(self) -> str:
        """Name the value by entity and moment."""
        return f"{self.entity} at {self.event_time:%Y-%m-%d %H:%M:%S}"
