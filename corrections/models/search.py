"""What search finds cases and corrections by, and searches that people keep."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from reviewapp.core import ids


class SearchText(models.Model):
    """The words of a flagged decision or of a correction, under its id. Holds no words of fields that are personal or sensitive.

    Made from other rows and at any time made again: nothing refers to it.
    """

    class Kind(models.TextChoices):
        """What is found."""

        CASE = "case", "Case"
        CORRECTION = "correction", "Correction"

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, db_index=False, related_name="+")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="searchtext_words")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=["case", "correction"]), name="searchtext_kind")]

    def __str__(self) -> str:
        """Name what it is of."""
        return f"words of {self.kind} {self.id}"


class SavedView(models.Model):
    """A search under a name. What it finds is what whoever opens it may see."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=11)
    query = models.CharField(max_length=400, blank=True)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="savedview_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="savedview_named"),
            models.CheckConstraint(condition=Q(kind__in=["tasks", "decisions", "corrections"]), name="savedview_kind"),
        ]
        indexes = [models.Index(fields=["name"], condition=Q(shared=True), name="savedview_shared")]

    def __str__(self) -> str:
        """Show the name."""
        return self.name
