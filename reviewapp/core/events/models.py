"""Tables of the spine: the log itself, and the outbox of events not handed on yet."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reviewapp.core import clock, ids


class Event(models.Model):
    """Something that happened. Append-only: PostgreSQL refuses every change."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    type = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=150)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    scope = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)
    trace_id = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["scope", "-id"], name="event_scope"),
            models.Index(fields=["type", "-id"], name="event_type"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["person", "service", "system"]), name="event_actor_kind"
            ),
            models.CheckConstraint(condition=~models.Q(actor_id=""), name="event_has_actor"),
            models.CheckConstraint(condition=models.Q(type__regex=r"^[a-z_]+\.[a-z_]+$"), name="event_type_form"),
        ]

    def __str__(self) -> str:
        """Name the event by what happened to what."""
        return f"{self.type} {self.subject_type}:{self.subject_id}"


class OutboxEntry(models.Model):
    """An event that still has to reach its handlers; the row goes when all of them have run."""

    seq = models.BigAutoField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="outbox")
    subject_key = models.CharField(max_length=130)
    done = ArrayField(models.CharField(max_length=120), default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["subject_key", "seq"], name="outbox_subject")]

    def __str__(self) -> str:
        """Name the entry by its place in the line."""
        return f"{self.seq} {self.subject_key}"
