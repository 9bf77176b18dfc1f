"""Queues, tasks and drafts: the work that waits for people."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviewapp.core import ids


class Queue(models.Model):
    """A place where tasks of one agent wait. `seats` is how many independent reviews a decision gets."""

    class Kind(models.TextChoices):
        """Whose queue it is."""

        STANDARD = "standard", "Review"
        SENIOR = "senior", "Senior review"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="queues")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    purpose = models.TextField(blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.STANDARD)
    seats = models.PositiveSmallIntegerField(default=1)
    # When reviewers disagree, one more is asked until so many were; 0: a disagreement goes to a senior at once.
    most_seats = models.PositiveSmallIntegerField(default=0, db_default=0)
    lease_seconds = models.PositiveIntegerField(default=900)
    due_minutes = models.PositiveIntegerField(default=120)
    position = models.PositiveSmallIntegerField(default=50)
    # Where a flagged decision goes that no routing rule sends elsewhere.
    is_default = models.BooleanField(default=False, db_default=False)
    # Of so many in a hundred decisions reviewers see the agent's answer only after they have given their own.
    blind_percent = models.PositiveSmallIntegerField(default=0)
    # Nobody is given a task of a paused queue; what is held may be finished, and new tasks wait.
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    pause_reason = models.CharField(max_length=200, blank=True)
    # When `due_minutes` pass: round the clock without one. PostgreSQL holds that it is a calendar of the same agent.
    calendar = models.ForeignKey("corrections.Calendar", on_delete=models.PROTECT, null=True, related_name="queues")

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "code"], name="queue_code_once"),
            # A disagreement has one place to go; which of several review queues a decision goes to is what routing says.
            models.UniqueConstraint(fields=["agent"], condition=Q(kind="senior"), name="queue_senior_once"),
            models.UniqueConstraint(fields=["agent"], condition=Q(is_default=True), name="queue_default_once"),
            models.CheckConstraint(condition=Q(is_default=False) | Q(kind="standard"), name="queue_default_kind"),
            models.UniqueConstraint(fields=["id", "agent"], name="queue_and_agent"),
            # What a routing rule names together: its queue, that queue's own agent, and that reviewers work in it.
            models.UniqueConstraint(fields=["id", "agent", "kind"], name="queue_of_agent"),
            models.CheckConstraint(condition=Q(kind__in=["standard", "senior"]), name="queue_kind"),
            models.CheckConstraint(condition=Q(seats__gte=1, seats__lte=5), name="queue_seats"),
            models.CheckConstraint(
                condition=Q(most_seats=0) | Q(most_seats__gt=models.F("seats"), most_seats__lte=7, seats__gte=2),
                name="queue_most_seats",
            ),
            models.CheckConstraint(condition=Q(lease_seconds__gte=30, due_minutes__gte=1), name="queue_times"),
            models.CheckConstraint(condition=Q(blind_percent__lte=100), name="queue_blind_percent"),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_by__isnull=True, pause_reason="")
                | (Q(paused_at__isnull=False, paused_by__isnull=False) & ~Q(pause_reason="")),
                name="queue_paused_pair",
            ),
        ]

    def __str__(self) -> str:
        """Show the queue's name."""
        return self.name


class Task(models.Model):
    """One person's share of judging one decision. Held by a lease with a fencing token while someone works on it."""

    class Kind(models.TextChoices):
        """What is asked."""

        REVIEW = "review", "Review"
        ADJUDICATION = "adjudication", "Settle a disagreement"

    class State(models.TextChoices):
        """Where the task stands."""

        OPEN = "open", "Open"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Not needed any more"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    # Every index costs each claim and each submission: by decision there is `task_seat_once`, by holder `task_held`.
    decision = models.ForeignKey(
        "agents.Decision", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="tasks"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.REVIEW)
    seat = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=250)
    why = models.JSONField(default=list)
    # The name of the routing rule that sent it here, as it was called then; empty when none did.
    route = models.CharField(max_length=80, blank=True, default="", db_default="")
    # The agent's answer is kept from whoever may judge this until their own first judgement is recorded.
    blind = models.BooleanField(default=False, db_default=False)
    priority = models.SmallIntegerField(default=0)
    # What the queue's weights gave it, under which revision of them, and how many steps of age are in `priority` besides:
    # what else is in it (a deadline, a hand) stays when it is weighed again.
    weighed = models.SmallIntegerField(default=0, db_default=0)
    weighed_under = models.PositiveIntegerField(default=0, db_default=0)
    aged = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    reserved_for = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lease_holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="held_tasks"
    )
    lease_token = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-priority", "due_at", "id"]
        indexes = [
            models.Index(fields=["queue", "-priority", "due_at", "id"], condition=Q(state="open"), name="task_line"),
            models.Index(fields=["lease_holder", "lease_until"], condition=Q(state="open"), name="task_held"),
            # Written once, when a task is closed; without it the day's work is found by reading all there ever was.
            models.Index(
                fields=["queue", "closed_at"], include=["due_at"], condition=~Q(state="open"), name="task_closed"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["decision", "kind", "seat", "round"], name="task_seat_once"),
            # Two windows of one person may claim at the same instant: they must not be given two seats of one decision,
            # of which they could only fill one. Only what is held is in its index.
            models.UniqueConstraint(
                fields=["decision", "lease_holder"],
                condition=Q(lease_holder__isnull=False),
                name="task_one_seat_held",
            ),
            # What a correction names together: its task and that task's own decision.
            models.UniqueConstraint(fields=["id", "decision"], name="task_of_decision"),
            models.CheckConstraint(condition=Q(state__in=["open", "done", "cancelled"]), name="task_state"),
            models.CheckConstraint(condition=Q(kind__in=["review", "adjudication"]), name="task_kind"),
            models.CheckConstraint(
                condition=Q(lease_holder__isnull=True, lease_until__isnull=True)
                | Q(lease_holder__isnull=False, lease_until__isnull=False),
                name="task_lease_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(lease_holder__isnull=True), name="task_lease_only_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="task_closed_pair",
            ),
        ]

    def __str__(self) -> str:
        """Show the task's title."""
        return self.title


class Draft(models.Model):
    """What a reviewer has entered and not submitted. Kept even when the lease is lost."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="drafts")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at"]
        constraints = [models.UniqueConstraint(fields=["task", "reviewer"], name="draft_one_each")]

    def __str__(self) -> str:
        """Name the draft by task and person."""
        return f"draft of {self.reviewer_id} for {self.task_id}"
