"""Tables of incidents. An agent is only known here by its id: the kernel sits below the agents app."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from reviewapp.core import ids


class Incident(models.Model):
    """Something that went wrong, from when it began until somebody said what it was.

    `kind` and `key` say what: while it is not resolved there is one of it. `ended_at` is when the fact itself was over,
    empty while it holds; `state` is what people did about it. The key is its number, which people say aloud.
    """

    class State(models.TextChoices):
        """What people did about it."""

        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Looked after"
        RESOLVED = "resolved", "Resolved"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=80)
    agent_id = models.UUIDField(null=True)
    scope = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)
    began_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["agent_id", "-id"], name="incident_agent")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=~Q(state="resolved"), name="incident_one_unresolved"
            ),
            models.CheckConstraint(condition=Q(began_at__lte=F("opened_at")), name="incident_began_before"),
            models.CheckConstraint(
                condition=Q(state="open", acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | (~Q(state="open") & Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False)),
                name="incident_acknowledged_pair",
            ),
            models.CheckConstraint(
                condition=(~Q(state="resolved") & Q(resolved_at__isnull=True, resolved_by__isnull=True))
                | Q(state="resolved", resolved_at__isnull=False, resolved_by__isnull=False, ended_at__isnull=False),
                name="incident_resolved_pair",
            ),
        ]

    def __str__(self) -> str:
        """Name the incident as people say it."""
        return f"INC-{self.pk:04d}"


class IncidentEntry(models.Model):
    """One line of an incident's timeline. Append-only: PostgreSQL refuses every change. `person` is empty for facts."""

    class Kind(models.TextChoices):
        """What happened."""

        OPENED = "opened", "Noticed"
        DECLARED = "declared", "Declared"
        AGAIN = "again", "Began again"
        ENDED = "ended", "Over"
        CONTAINED = "contained", "Said to be over"
        ACKNOWLEDGED = "acknowledged", "Looked after"
        TAKEN = "taken", "Taken over"
        NOTED = "noted", "Note"
        PLANNED = "planned", "Planned"
        FINISHED = "finished", "Finished"
        RESOLVED = "resolved", "Resolved"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.TextField(blank=True)
    written_at = models.DateTimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["opened", "again", "ended"], person__isnull=True)
                | (~Q(kind__in=["opened", "again", "ended"]) & Q(person__isnull=False)),
                name="incident_entry_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["noted", "resolved"]) | ~Q(text=""), name="incident_entry_has_words"
            ),
        ]

    def __str__(self) -> str:
        """Name the entry by what happened."""
        return f"{self.incident_id} {self.kind}"


class IncidentAction(models.Model):
    """What keeps an incident from coming back: who does it until when. Finished once; what was planned stays as it was."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="actions")
    what = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due = models.DateField()
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="incident_action_says_what"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, finished_by__isnull=True)
                | Q(finished_at__isnull=False, finished_by__isnull=False),
                name="incident_action_finished_pair",
            ),
        ]

    def __str__(self) -> str:
        """Name the action by what is done."""
        return self.what
