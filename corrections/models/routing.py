"""Which queue a flagged decision goes to, and how urgent a queue makes it."""

from dataclasses import fields

from django.db import models
from django.db.models import Q

from corrections.models.queues import Queue
from corrections.rules import priority
from reviewapp.core import ids

_POINTS = ("uncertain", "escalated", "rule", "sampled", "risk", "waiting", "value")


class RoutingRule(models.Model):
    """One line of an agent's routing: the first whose condition `when` (CEL) holds names the queue."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, db_index=False, related_name="+")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    when = models.CharField(max_length=2000)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+")
    # Always "standard": with it a foreign key can hold that a rule never sends a decision past its reviewers.
    queue_kind = models.CharField(max_length=8, default=Queue.Kind.STANDARD, editable=False)

    class Meta:
        ordering = ["agent", "position"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "position"], name="routingrule_order"),
            models.UniqueConstraint(fields=["agent", "name"], name="routingrule_name_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(when=""), name="routingrule_whole"),
            models.CheckConstraint(condition=Q(queue_kind="standard"), name="routingrule_kind"),
        ]

    def __str__(self) -> str:
        """Show the rule's name."""
        return self.name


class PriorityWeights(models.Model):
    """The points by which a queue orders its cases; see `rules.priority.Weights`. A queue without them uses the usual ones.

    `revision` rises with every change: open tasks that were weighed under an earlier one are weighed again.
    """

    queue = models.OneToOneField(Queue, on_delete=models.PROTECT, primary_key=True, related_name="weights")
    uncertain = models.SmallIntegerField()
    escalated = models.SmallIntegerField()
    rule = models.SmallIntegerField()
    sampled = models.SmallIntegerField()
    risk = models.SmallIntegerField()
    waiting = models.SmallIntegerField()
    value = models.SmallIntegerField()
    value_of = models.CharField(max_length=2000, blank=True)
    value_full = models.FloatField()
    age_points = models.PositiveSmallIntegerField()
    age_hours = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__range": (-100, 100) for name in _POINTS}), name="priorityweights_points"
            ),
            models.CheckConstraint(condition=Q(value_full__gte=0, age_points__lte=100), name="priorityweights_figures"),
            models.CheckConstraint(
                condition=Q(age_points=0, age_hours=0) | Q(age_points__gte=1, age_hours__gte=1),
                name="priorityweights_age",
            ),
        ]

    def __str__(self) -> str:
        """Name the weights by their queue."""
        return f"weights of {self.queue_id}"

    @property
    def weights(self) -> priority.Weights:
        """Return the points as the rules count them."""
        return priority.Weights(**{field.name: getattr(self, field.name) for field in fields(priority.Weights)})
