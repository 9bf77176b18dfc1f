"""Calendars: when people work."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from agents.selectors import visible
from corrections.api import inputs, people
from corrections.selectors import calendars as reading
from corrections.services import calendars
from reviewapp.core.web.inputs import Strict

_MOST = 1000


class CalendarInput(Strict):
    """Weekly hours at a place, days without work, and the queues (codes) that count by them; all of it is replaced."""

    name = serializers.CharField(max_length=120)
    time_zone = serializers.CharField(max_length=64, help_text="An IANA zone such as Europe/Berlin.")
    hours = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=20), max_length=24),
        help_text='Maps mon to sun to spans such as "09:00-12:30"; a day that is not named is free.',
    )
    holidays = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, max_length=_MOST, default=list
    )
    queues = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=_MOST, default=list
    )


class CalendarOutput(serializers.Serializer[dict[str, Any]]):
    """A calendar as it counts now."""

    code = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    hours = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    holidays = serializers.ListField(child=serializers.DateField())
    queues = serializers.ListField(child=serializers.CharField(), help_text="Codes of the queues that count by it.")


@extend_schema(responses=CalendarOutput(many=True), summary="Calendars of an agent")
@api_view(["GET"])
def of_agent(request: Request, agent: str) -> Response:
    """List the calendars of an agent, by name."""
    user = people.person(request, people.READ)
    visible.agent(user, agent)
    return Response([_shown(row) for row in reading.listed(user, agent=agent)])


@extend_schema(request=CalendarInput, responses=CalendarOutput, summary="Make or change a calendar")
@api_view(["PUT"])
def one(request: Request, agent: str, calendar: str) -> Response:
    """Keep the calendar of this code: made when it is new, else replaced. Operators of the agent may; open tasks keep their deadlines."""
    user = people.person(request)
    found = reading.require_keeper(user, agent)
    kept = calendars.keep(agent_id=found.pk, code=calendar, by=user, **inputs.body(CalendarInput, request))
    return Response(_shown(reading.one(user, kept.pk)))


def _shown(row: reading.CalendarRow) -> dict[str, Any]:
    members = asdict(row)
    shown = {name: members[name] for name in ("code", "name", "time_zone", "hours", "holidays")}
    return {**shown, "queues": [code for code, _ in row.queues]}
