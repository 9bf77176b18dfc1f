"""Decisions and what became of them."""

from django.db import models
from django.db.models import Q

from agents.models.agents import Agent, Contract
from agents.models.serving import Artifact
from agents.models.traces import TraceField
from reviewapp.core import ids


class Decision(models.Model):
    """One answer to one request, with everything needed to replay it. Append-only.

    Partitioned by the month of the id. Old months leave (`services.retention`), but no row that another table names:
    references to it are guarded by `guards.refers`, because foreign keys would keep every month.
    """

    class Status(models.TextChoices):
        """Who has the last word."""

        AUTO = "auto", "Automatic"
        REVIEW = "review", "For review"
        ESCALATE = "escalate", "Escalated"

    class Mode(models.TextChoices):
        """Who answered first, and when we were asked."""

        DECIDE = "decide", "Decided by the policy"
        PROPOSE = "propose", "Proposed by the agent"
        RECORD = "record", "Recorded after the fact"

    class Arm(models.TextChoices):
        """Which policy answered."""

        STABLE = "stable", "Stable"
        CANARY = "canary", "Canary"
        FALLBACK = "fallback", "Contract's failure terms"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    # The pages' indexes begin with the agent, and nobody asks by contract or artifact: every index costs each decision.
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    artifact = models.ForeignKey(
        Artifact, on_delete=models.PROTECT, null=True, related_name="decisions", db_index=False
    )
    policy_version = models.PositiveIntegerField(null=True)
    case_ref = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=200)
    idempotency_key = models.CharField(max_length=200, null=True)
    request_digest = models.CharField(max_length=80)
    input = models.JSONField()
    proposal = models.JSONField(null=True)
    output = models.JSONField(null=True)
    confidence = models.FloatField()
    score = models.FloatField(null=True)
    status = models.CharField(max_length=8, choices=Status.choices)
    reasons = models.JSONField(default=list)
    trace = TraceField(default=dict)
    arm = models.CharField(max_length=8, choices=Arm.choices)
    bucket = models.PositiveSmallIntegerField()
    slot_serial = models.BigIntegerField()
    propensity = models.FloatField()
    latency_us = models.PositiveIntegerField()
    mode = models.CharField(max_length=7, choices=Mode.choices)
    decided_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["agent", "-id"], name="decision_page"),
            # Most decisions are automatic: a page of those reads the index above, and they are spared this one.
            models.Index(fields=["agent", "status", "-id"], condition=~Q(status="auto"), name="decision_status_page"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["auto", "review", "escalate"]), name="decision_status"),
            models.CheckConstraint(condition=Q(mode__in=["decide", "propose", "record"]), name="decision_mode"),
            models.CheckConstraint(
                condition=~Q(mode="record") | Q(output__isnull=False, proposal__isnull=False),
                name="decision_record_says_what_was_done",
            ),
            models.CheckConstraint(condition=Q(arm__in=["stable", "canary", "fallback"]), name="decision_arm"),
            models.CheckConstraint(
                condition=Q(artifact__isnull=True, policy_version__isnull=True, arm="fallback")
                | Q(artifact__isnull=False, policy_version__isnull=False),
                name="decision_policy_known",
            ),
            models.CheckConstraint(condition=~Q(status="auto") | Q(output__isnull=False), name="decision_auto_answers"),
            models.CheckConstraint(condition=Q(confidence__gte=0, confidence__lte=1), name="decision_confidence"),
            models.CheckConstraint(condition=Q(propensity__gte=0, propensity__lte=1), name="decision_propensity"),
            models.CheckConstraint(condition=Q(bucket__lt=10_000), name="decision_bucket"),
            models.CheckConstraint(condition=~Q(actor_id=""), name="decision_has_actor"),
        ]

    def __str__(self) -> str:
        """Show the id."""
        return str(self.id)


class DecisionKey(models.Model):
    """Which decision an idempotency key of an agent belongs to: one, for as long as its month is there.

    Written with the decision, by a trigger where its statement did not.
    """

    pk = models.CompositePrimaryKey("agent_id", "key")
    # Agents never vanish, and the decision's own reference was checked.
    agent = models.ForeignKey(Agent, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    key = models.CharField(max_length=200)
    decision_id = models.UUIDField()

    def __str__(self) -> str:
        """Show the key."""
        return self.key


class Resolution(models.Model):
    """The answer to a flagged decision. Append-only and single use: there is never a second one.

    It is bound to the decision's agent and contract by PostgreSQL. `output` is null only when the contract's terms spoke
    and declare none.
    """

    class Source(models.TextChoices):
        """Where the answer comes from."""

        AUTO = "auto", "Policy"
        REVIEW = "review", "Review"
        ESCALATION = "escalation", "Escalation"
        ADJUDICATION = "adjudication", "Adjudication"
        CONTRACT = "contract", "Contract’s terms"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, db_constraint=False, related_name="resolution")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+", db_index=False)
    output = models.JSONField(null=True)
    source = models.CharField(max_length=12, choices=Source.choices)
    reference = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField()
    resolved_by_kind = models.CharField(max_length=8)
    resolved_by = models.CharField(max_length=64)
    resolved_by_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["-resolved_at"]
        # A stream of one agent goes on after the last answer it saw.
        indexes = [models.Index(fields=["agent", "id"], name="resolution_stream")]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=["auto", "review", "escalation", "adjudication", "contract"]),
                name="resolution_source",
            ),
            models.CheckConstraint(
                condition=Q(output__isnull=False) | Q(source="contract"), name="resolution_people_say_something"
            ),
            models.CheckConstraint(condition=~Q(resolved_by=""), name="resolution_resolved_pair"),
        ]

    def __str__(self) -> str:
        """Name the resolution by its decision."""
        return f"resolution of {self.decision_id}"
