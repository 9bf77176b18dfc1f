"""Deadlines count by the calendar of the queue, and PostgreSQL keeps calendars with their agents."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from corrections.models import Calendar, Queue, Task
from corrections.rules import working_time
from corrections.services import calendars
from reviewapp.core import clock
from reviewapp.core.errors import Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories.feedback import flagged, room
from tests.factories.serving import person

pytestmark = pytest.mark.django_db
HOURS = {"mon": ["09:00-17:00"], "fri": ["09:00-17:00"]}


def keep(made, by, **change):
    terms = {"name": "Berlin", "time_zone": "Europe/Berlin", "hours": HOURS, "queues": ["review"], **change}
    return calendars.keep(agent_id=made.world.agent.pk, by=by, **terms)


def test_open__queue_with_a_calendar__due_by_working_time():
    made = room()
    row = keep(made, person("olu", "operator"))
    task = Task.objects.get(decision=flagged(made))
    assert task.due_at == working_time.due(task.created_at, 120, row.week)
    assert working_time.worked(clock.now(), task.due_at, row.week).total_seconds() == pytest.approx(7200, abs=60)


def test_due__friday_afternoon__is_monday_morning():
    made = room()
    keep(made, person("olu", "operator"))
    queue = Queue.objects.select_related("calendar").get(pk=made.standard.pk)
    assert calendars.due(queue, datetime(2026, 11, 20, 15, 30, tzinfo=UTC)) == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    senior = Queue.objects.select_related("calendar").get(pk=made.senior.pk)
    assert calendars.due(senior, datetime(2026, 11, 20, 15, 30, tzinfo=UTC)) == datetime(
        2026, 11, 20, 17, 30, tzinfo=UTC
    )


def test_keep__changed__is_an_event_and_open_tasks_keep_their_deadline():
    made, olu = room(), person("olu", "operator")
    row = keep(made, olu)
    task = Task.objects.get(decision=flagged(made))
    again = keep(made, olu, code=row.code, hours={"sun": ["00:00-24:00"]}, queues=["senior"], holidays=["2027-01-01"])
    assert again.pk == row.pk
    assert list(again.queues.values_list("code", flat=True)) == ["senior"]
    assert Task.objects.get(pk=task.pk).due_at == task.due_at
    told = Event.objects.filter(type="calendar.kept").latest("pk")
    assert (told.data["queues"], told.data["holidays"], told.actor_label) == (["senior"], ["2027-01-01"], "Olu Test")


def test_keep__same_name_again_or_unknown_queue__names_the_field():
    made, olu = room(), person("olu", "operator")
    keep(made, olu)
    for change, path in (({}, "name"), ({"name": " "}, "name"), ({"name": "B", "queues": ["x"]}, "queues")):
        with pytest.raises(Invalid) as caught:
            keep(made, olu, **change)
        assert list(caught.value.fields) == [path]
    assert Calendar.objects.count() == 1


def test_keep__no_right__refused():
    made = room()
    with pytest.raises(NotAllowed):
        keep(made, person("ada", "reviewer"))
    with pytest.raises(Missing):
        keep(made, person("nina"))


def test_queue__calendar_of_another_agent__database_refuses():
    made, other = room(), room(slug="other")
    row = keep(made, person("olu", "operator"))
    with pytest.raises(IntegrityError, match="queue_calendar_of_agent"), transaction.atomic():
        Queue.objects.filter(pk=other.standard.pk).update(calendar=row)
