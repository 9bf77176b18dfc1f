"""When people work."""

from django.db import models
from django.db.models import Q

from corrections.rules import working_time
from reviewapp.core import ids


class Calendar(models.Model):
    """Weekly hours at a place and the days without work. Queues of its agent count their deadlines by it.

    `hours` maps mon to sun to spans such as "09:00-12:30", `holidays` lists ISO dates; `rules.working_time` reads both.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, db_index=False, related_name="calendars")
    code = models.SlugField(max_length=60, db_index=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64)
    hours = models.JSONField()
    holidays = models.JSONField(default=list)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "code"], name="calendar_code_once"),
            # What a queue names together: its calendar and that calendar's own agent.
            models.UniqueConstraint(fields=["id", "agent"], name="calendar_of_agent"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(time_zone="") & ~Q(hours={}), name="calendar_whole"),
        ]

    def __str__(self) -> str:
        """Show the calendar's name."""
        return self.name

    @property
    def week(self) -> working_time.Week:
        """Return the hours as the rules count them."""
        return working_time.read(time_zone=self.time_zone, hours=self.hours, holidays=self.holidays)
