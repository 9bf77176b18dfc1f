"""Tables of accounts. An agent is only known here by its id: the kernel sits below the agents app."""

from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from reviewapp.core import ids


class User(AbstractUser):
    """A person who signs in. Deactivated rather than deleted: events keep naming them."""

    class Theme(models.TextChoices):
        """How the person wants to see the pages."""

        AUTO = "auto", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Density(models.TextChoices):
        """How close together the rows of tables and lists stand."""

        COMFORTABLE = "comfortable", "Comfortable"
        COMPACT = "compact", "Compact"

    first_name = None  # type: ignore[assignment]  # one display name fits every culture
    last_name = None  # type: ignore[assignment]  # see above
    display_name = models.CharField("name", max_length=120)
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO)
    density = models.CharField(max_length=11, choices=Density.choices, default=Density.COMFORTABLE)
    time_zone = models.CharField(max_length=60, default="UTC")
    single_keys = models.BooleanField("single-key shortcuts", default=True)
    # 0 before the tour, 1 to 5 at its steps, 6 after it.
    tour_step = models.PositiveSmallIntegerField(default=0)

    REQUIRED_FIELDS = ["email", "display_name"]

    class Meta(AbstractUser.Meta):
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(condition=Q(theme__in=["auto", "light", "dark"]), name="user_theme"),
            models.CheckConstraint(condition=Q(density__in=["comfortable", "compact"]), name="user_density"),
            models.CheckConstraint(condition=~Q(display_name=""), name="user_has_display_name"),
            models.CheckConstraint(condition=Q(tour_step__lte=6), name="user_tour_step"),
        ]

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone the person reads and types times in."""
        return ZoneInfo(self.time_zone or "UTC")

    def __str__(self) -> str:
        """Show the person's name."""
        return self.display_name

    @property
    def initials(self) -> str:
        """Return up to two letters for the avatar."""
        parts = self.display_name.split()
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper()

    def get_full_name(self) -> str:
        """Return the display name."""
        return self.display_name

    def get_short_name(self) -> str:
        """Return the first word of the display name."""
        return self.display_name.split()[0]


class ServiceAccount(models.Model):
    """A program that calls the API in its own name, usually one per agent and environment."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=120, unique=True)
    agent_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    disabled_at = models.DateTimeField(null=True)
    disabled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_by__isnull=True)
                | Q(disabled_at__isnull=False, disabled_by__isnull=False),
                name="service_disabled_pair",
            ),
        ]

    def __str__(self) -> str:
        """Show the account's name."""
        return self.name


class ApiKey(models.Model):
    """A key to the API. Only a keyed hash is kept; the prefix finds the row and names the key in logs."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="api_keys")
    service = models.ForeignKey(ServiceAccount, on_delete=models.CASCADE, null=True, related_name="api_keys")
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, service__isnull=True) | Q(user__isnull=True, service__isnull=False),
                name="key_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="key_revoked_pair",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")), name="key_expires_later"
            ),
        ]

    def __str__(self) -> str:
        """Show the key by name and prefix, never by secret."""
        return f"{self.name} ({self.prefix})"


class Role(models.Model):
    """A set of permissions under a name people use."""

    code = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=60, unique=True)
    description = models.TextField()
    permissions = ArrayField(models.CharField(max_length=60))

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        """Show the role's name."""
        return self.name


class RoleGrant(models.Model):
    """A person holds a role, for one agent or (agent empty) for all of them."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants")
    agent_id = models.UUIDField(null=True)
    granted_at = models.DateTimeField()
    granted_by_id = models.CharField(max_length=64)

    class Meta:
        ordering = ["user", "role"]
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "agent_id"], nulls_distinct=False, name="grant_once"),
        ]

    def __str__(self) -> str:
        """Show who holds what."""
        return f"{self.user_id}: {self.role_id}"
