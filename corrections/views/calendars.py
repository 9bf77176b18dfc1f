"""Calendars: when people work, and which queues count by it."""

import re
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from agents.models import Agent
from corrections.selectors import calendars as reading
from corrections.services import calendars
from reviewapp.core.errors import Invalid
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

# What a new calendar starts from: the week that most offices keep.
_OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the calendars of the agents the person may see, and the queues that count round the clock."""
    user = person(request)
    context = {
        "rows": reading.listed(user),
        "always": reading.round_the_clock(user),
        "agents": reading.kept_by(user),
    }
    return fragments.render_page(request, "corrections/calendars.html", context, fragment="rows")


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a new calendar of an agent, or make it."""
    user = person(request)
    agent = reading.require_keeper(user, slug)
    if request.method == "POST":
        return _keep(request, agent)
    return _form(request, agent, {"time_zone": user.time_zone, "hours": _OFFICE})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, calendar_id: UUID) -> HttpResponse:
    """Show a calendar in its form, or change it."""
    user = person(request)
    found = reading.one(user, calendar_id)
    agent = reading.require_keeper(user, found.agent_slug)
    if request.method == "POST":
        return _keep(request, agent, code=found.code)
    entered = {
        "name": found.name,
        "time_zone": found.time_zone,
        "hours": {day: ", ".join(spans) for day, spans in found.hours.items()},
        "holidays": "\n".join(found.holidays),
        "queues": [code for code, _ in found.queues],
    }
    return _form(request, agent, entered, title=found.name)


def _keep(request: HttpRequest, agent: Agent, *, code: str = "") -> HttpResponse:
    entered = _entered(request.POST)
    try:
        kept = calendars.keep(
            agent_id=agent.pk,
            code=code,
            name=entered["name"],
            time_zone=entered["time_zone"],
            hours={day: _parts(text) for day, text in entered["hours"].items()},
            holidays=_parts(entered["holidays"]),
            queues=entered["queues"],
            by=person(request),
        )
    except Invalid as fault:
        return _form(request, agent, entered, title=entered["name"] if code else "", errors=fault.fields)
    messages.success(request, f"Calendar {kept.name} saved. Cases that open from now on count by it.")
    if fragments.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("corrections:calendars")})
    return redirect("corrections:calendars")


def _entered(posted: QueryDict) -> dict[str, Any]:
    return {
        "name": posted.get("name", ""),
        "time_zone": posted.get("time_zone", "").strip(),
        "hours": {day: posted.get(f"hours.{day}", "") for day in reading.DAY_NAMES},
        "holidays": posted.get("holidays", ""),
        "queues": posted.getlist("queues"),
    }


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[,;\n\r]+\s*|\s+(?=\d{4}-)", text.strip()) if part]


def _form(
    request: HttpRequest,
    agent: Agent,
    entered: dict[str, Any],
    *,
    title: str = "",
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    hours, faults = entered.get("hours", {}), errors or {}
    days = [
        (f"hours.{day}", f"c-hours-{day}", label, hours.get(day, ""), faults.get(f"hours.{day}", ""))
        for day, label in reading.DAY_NAMES.items()
    ]
    context = {
        "agent": agent,
        "entered": entered,
        "days": days,
        "queues": reading.queues_of(agent.pk),
        "zones": sorted(available_timezones()),
        "title": title,
        "errors": faults,
    }
    return fragments.render_page(
        request, "corrections/calendar.html", context, fragment="form", status=422 if faults else 200
    )
