"""Keeping queues: the list, making one, changing how one works, pausing it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.selectors import visible
from corrections.models import Queue
from corrections.selectors import queue_admin, queues, rights
from corrections.selectors import skills as skill_reading
from corrections.services import queues as service
from corrections.services import skills
from reviewapp.core.errors import Conflict, Invalid, Missing
from reviewapp.core.web.people import person

_FORM = "corrections/queue_settings.html"
_NUMBERS = ("seats", "hold_minutes", "due_minutes", "position", "blind_percent", "most_seats")
# What the form calls minutes, the service takes in seconds.
_FIELD_OF = {"lease_seconds": "hold_minutes"}
_WORDS = {"lease_seconds": "Use at least half a minute, and at most a day (1,440)."}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show every agent's queues and how they work."""
    user = person(request)
    return render(request, "corrections/queue_list.html", {"rows": queue_admin.kept(user)})


@require_http_methods(["GET", "POST"])
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a queue of an agent; `?kind=` says which, a review queue unless told otherwise."""
    user = person(request)
    agent = visible.agent(user, slug)
    rights.require_keeper(user, agent)
    kind = request.GET.get("kind", Queue.Kind.STANDARD.value)
    if kind not in Queue.Kind.values:
        raise Missing("There is no such kind of queue.")
    title = Queue.Kind(kind).label
    context = {"agent": agent, "kind": kind, "title": f"New queue: {title.lower()}", "action": "Make queue"}
    if request.method == "GET":
        return _form(request, context, _entered(Queue(name=title, kind=kind)))
    try:
        service.make(agent_id=agent.pk, kind=kind, terms=_terms(request.POST), by=user)
    except Invalid as fault:
        return _form(request, context, request.POST.dict(), fault=fault)
    except Conflict as fault:
        messages.warning(request, fault.detail)
        return redirect("corrections:queue-admin")
    messages.success(request, "Queue made: flagged decisions arrive from now on")
    return redirect("corrections:queue-admin")


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Change how a queue works."""
    user = person(request)
    queue = queues.queue_for(user, queue_id)
    rights.require_keeper(user, queue.agent)
    context = _context(queue)
    if request.method == "GET":
        return _form(request, context, _entered(queue))
    try:
        with transaction.atomic():
            service.change(queue_id=queue_id, terms=_terms(request.POST), by=user)
            skills.need(queue_id=queue_id, skills=request.POST.getlist("skills"), by=user)
    except Invalid as fault:
        return _form(request, context, request.POST.dict(), fault=fault)
    messages.success(request, "Saved. Cases that wait already keep their deadlines")
    return redirect("corrections:queue-settings", queue_id=queue_id)


@require_POST
def pause(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Give out no more of a queue's tasks."""
    user = person(request)
    try:
        service.pause(queue_id=queue_id, reason=request.POST.get("reason", ""), by=user)
    except Invalid as fault:
        queue = queues.queue_for(user, queue_id)
        return _form(request, _context(queue), _entered(queue), fault=fault)
    messages.info(request, "Paused: nobody is given a case of it, what is held may be finished")
    return redirect("corrections:queue-settings", queue_id=queue_id)


@require_POST
def resume(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Give out a queue's tasks again."""
    service.resume(queue_id=queue_id, by=person(request))
    messages.success(request, "Cases are given out again")
    return redirect("corrections:queue-settings", queue_id=queue_id)


def _context(queue: Queue) -> dict[str, Any]:
    return {
        "agent": queue.agent,
        "queue": queue,
        "kind": queue.kind,
        "title": queue.name,
        "action": "Save changes",
        "skills": skill_reading.of_agent(queue.agent),
        "needed": skill_reading.needed(queue),
    }


def _form(
    request: HttpRequest, context: dict[str, Any], entered: Mapping[str, Any], *, fault: Invalid | None = None
) -> HttpResponse:
    told = fault.fields if fault is not None else {}
    errors = {_FIELD_OF.get(name, name): _WORDS.get(name, text) for name, text in told.items()}
    return render(request, _FORM, {**context, "entered": entered, "errors": errors}, status=422 if fault else 200)


def _entered(queue: Queue) -> dict[str, Any]:
    minutes = queue.lease_seconds / 60
    return {
        "name": queue.name,
        "purpose": queue.purpose,
        "seats": queue.seats,
        "hold_minutes": int(minutes) if minutes.is_integer() else minutes,
        "due_minutes": queue.due_minutes,
        "position": queue.position,
        "blind_percent": queue.blind_percent,
        "most_seats": queue.most_seats,
    }


def _terms(posted: QueryDict) -> service.Terms:
    """Return what was entered. What is no number becomes one that no field takes, so that it is told at the field."""
    seats, minutes, due, position, blind = (_number(posted.get(name, "")) for name in _NUMBERS[:-1])
    # Senior queues ask nobody else, and their form does not either.
    most = _number(posted.get("most_seats", "0") or "0")
    return service.Terms(
        name=posted.get("name", ""),
        purpose=posted.get("purpose", ""),
        seats=int(seats),
        lease_seconds=int(minutes * 60),
        due_minutes=int(due),
        position=int(position),
        blind_percent=int(blind),
        most_seats=int(most),
    )


def _number(text: str) -> float:
    plain = text.strip().replace(",", ".")
    try:
        found = float(plain) if len(plain) < 12 else -1.0
    except ValueError:
        return -1.0
    return found if 0 <= found < 1e9 else -1.0
