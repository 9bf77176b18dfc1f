"""Which queue a flagged decision goes to, and how urgent a queue makes it."""

from django.db import models
from django.db.models import Q

from corrections.models.queues import Queue
from reviewapp.core import ids


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
