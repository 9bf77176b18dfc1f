"""What happens when a case runs out of time, and what has happened."""

from django.db import models
from django.db.models import Q

from corrections.models.queues import Queue, Task
from reviewapp.core import ids


class DeadlineRules(models.Model):
    """What a queue does before a deadline (`warn_…`, `warn_minutes` of working time ahead) and once it is missed (`breach_…`).

    A number to raise by is 0 when nothing is raised.
    """

    queue = models.OneToOneField(Queue, on_delete=models.PROTECT, primary_key=True, related_name="deadline_rules")
    warn_minutes = models.PositiveIntegerField(null=True)
    warn_notify = models.BooleanField(default=False)
    warn_raise = models.PositiveSmallIntegerField(default=0)
    breach_notify = models.BooleanField(default=False)
    breach_raise = models.PositiveSmallIntegerField(default=0)
    breach_answer = models.BooleanField(default=False)
    breach_move = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(warn_raise__lte=100, breach_raise__lte=100), name="deadlinerules_raise"),
            models.CheckConstraint(
                condition=Q(warn_minutes__isnull=True, warn_notify=False, warn_raise=0) | Q(warn_minutes__gte=1),
                name="deadlinerules_warning",
            ),
            models.CheckConstraint(condition=~Q(breach_move=models.F("queue")), name="deadlinerules_move_away"),
        ]

    def __str__(self) -> str:
        """Name the rules by their queue."""
        return f"deadline rules of {self.queue_id}"

    @property
    def wanted(self) -> list[tuple[str, str]]:
        """Return what is to be done as (moment, action), in this order: a case leaves the queue last."""
        warning, breach = DeadlineAction.Moment.WARNING.value, DeadlineAction.Moment.BREACH.value
        kinds = DeadlineAction.Action
        told = [
            (warning, kinds.RAISE.value, bool(self.warn_raise)),
            (warning, kinds.NOTIFY.value, self.warn_notify),
            (breach, kinds.RAISE.value, bool(self.breach_raise)),
            (breach, kinds.NOTIFY.value, self.breach_notify),
            (breach, kinds.ANSWER.value, self.breach_answer),
            (breach, kinds.MOVE.value, self.breach_move_id is not None),
        ]
        return [(moment, action) for moment, action, meant in told if meant]


class DeadlineAction(models.Model):
    """One thing that was done because of a task's deadline. Append-only, and once: the database knows one of each for a task."""

    class Moment(models.TextChoices):
        """When it is done."""

        WARNING = "warning", "Before the deadline"
        BREACH = "breach", "Deadline missed"

    class Action(models.TextChoices):
        """What is done."""

        RAISE = "raise", "Raise the priority"
        NOTIFY = "notify", "Tell people"
        ANSWER = "answer", "Answer by the contract"
        MOVE = "move", "Move to another queue"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, db_index=False, related_name="deadline_actions")
    moment = models.CharField(max_length=7, choices=Moment.choices)
    action = models.CharField(max_length=6, choices=Action.choices)
    acted_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "moment", "action"], name="deadlineaction_once"),
            models.CheckConstraint(condition=Q(moment__in=["warning", "breach"]), name="deadlineaction_moment"),
            models.CheckConstraint(
                condition=Q(action__in=["raise", "notify", "answer", "move"]), name="deadlineaction_action"
            ),
        ]

    def __str__(self) -> str:
        """Name the action by what it is and its task."""
        return f"{self.moment} {self.action} of {self.task_id}"
