"""Agents and their contracts."""

from django.db import models
from django.db.models import Q

from reviewapp.core import ids

_PERMISSIONS = (
    ("decide", "Let the agent decide"),
    ("develop_agent", "Change contract and keys"),
    ("review_task", "Review decisions"),
    ("adjudicate_task", "Settle disagreements"),
    ("decide_escalation", "Decide escalations"),
    ("build_policy", "Build policy versions"),
    ("approve_policy", "Approve policy versions"),
    ("release_policy", "Release policy versions"),
    ("audit_agent", "Read the audit log"),
    ("operate_agent", "Operate the agent"),
)


class Agent(models.Model):
    """A program that decides, or proposes, under a contract. Every permission of the product is held for an agent."""

    class Mode(models.TextChoices):
        """Who answers first."""

        DECIDE = "decide", "The policy decides"
        PROPOSE = "propose", "The agent proposes, the policy judges"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    mode = models.CharField(max_length=7, choices=Mode.choices)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    created_by_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["name"]
        permissions = _PERMISSIONS
        # `view_agent` comes with Django's own set; adding and deleting are not things a person does to a row here.
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=["decide", "propose"]), name="agent_mode"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(created_by=""), name="agent_named_and_made"),
        ]

    def __str__(self) -> str:
        """Show the agent's name."""
        return self.name


class Contract(models.Model):
    """A version of an agent's contract. Append-only: what a decision was made under stays readable for ever.

    `changes` says what it changes against the version before: a list of {"effect", "path", "text"}, with the "reason"
    that somebody wrote for each breaking one.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="contracts")
    version = models.PositiveIntegerField()
    body = models.JSONField()
    digest = models.CharField(max_length=80)
    changes = models.JSONField(default=list)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)
    published_by_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["agent", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "version"], name="contract_version_once"),
            models.UniqueConstraint(fields=["agent", "digest"], name="contract_digest_once"),
            models.CheckConstraint(condition=~Q(published_by=""), name="contract_published_pair"),
        ]

    def __str__(self) -> str:
        """Name the contract by agent and version."""
        return f"{self.agent_id} contract {self.version}"
