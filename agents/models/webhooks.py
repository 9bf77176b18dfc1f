"""Where answers are sent to, and every sending."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from agents.models.agents import Agent
from reviewapp.core import ids


class WebhookEndpoint(models.Model):
    """An address of an agent that gets its answers. Secrets are kept encrypted, because signing needs them whole."""

    class State(models.TextChoices):
        """Whether it gets anything."""

        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        DISABLED = "disabled", "Switched off"
        REMOVED = "removed", "Removed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    secret = models.TextField(blank=True)
    previous_secret = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    probe_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "url"], condition=~Q(state="removed"), name="webhook_url_once"),
            models.CheckConstraint(
                condition=Q(state__in=["active", "paused", "disabled", "removed"]), name="webhook_state"
            ),
            # One that is removed keeps its history, but no secret that could be stolen later.
            models.CheckConstraint(
                condition=Q(state="removed", secret="", previous_secret="") | (~Q(state="removed") & ~Q(secret="")),
                name="webhook_secret_until_removed",
            ),
            models.CheckConstraint(
                condition=Q(failing_since__isnull=True, probe_at__isnull=True)
                | Q(failing_since__isnull=False, probe_at__isnull=False),
                name="webhook_failing_pair",
            ),
            models.CheckConstraint(
                condition=Q(previous_secret="", previous_until__isnull=True)
                | (~Q(previous_secret="") & Q(previous_until__isnull=False)),
                name="webhook_previous_whole",
            ),
        ]

    def __str__(self) -> str:
        """Show the address."""
        return self.url


class WebhookDelivery(models.Model):
    """One message to one endpoint: its exact bytes, and how far it has come."""

    class State(models.TextChoices):
        """Where it stands."""

        PENDING = "pending", "On its way"
        DELIVERED = "delivered", "Delivered"
        DEAD = "dead", "Given up"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    event_id = models.UUIDField()
    type = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["endpoint", "next_attempt_at"], condition=Q(state="pending"), name="delivery_due"),
            models.Index(fields=["endpoint", "state", "-id"], name="delivery_page"),
        ]
        constraints = [
            # An event that is handled twice is sent once.
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=["pending", "delivered", "dead"]), name="delivery_state"),
            models.CheckConstraint(
                condition=Q(state="pending", closed_at__isnull=True)
                | (~Q(state="pending") & Q(closed_at__isnull=False)),
                name="delivery_closed_pair",
            ),
        ]

    def __str__(self) -> str:
        """Name the delivery by its type and id."""
        return f"{self.type} {self.id}"

    @property
    def webhook_id(self) -> str:
        """Return the header of this name: the same at every attempt, so that a receiver recognises a repeat."""
        return f"msg_{self.pk.hex}"
