"""Incidents: the list, one with its timeline, and what people do about it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Agent
from agents.selectors import visible
from reviewapp.console import incidents as reading
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, NotAllowed
from reviewapp.core.incidents import declaring, selectors, services
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

_MOST_NUMBER = 2**31


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the incidents one may see, newest first, filtered by state."""
    user = person(request)
    selectors.require_any(user)
    state, after = request.GET.get("state", ""), request.GET.get("after", "")
    state = state if state in dict(selectors.STATES) else ""
    # A mangled link shows the first page rather than an error.
    last = int(after) if after.isdecimal() and len(after) < 10 else None
    context = {
        "found": selectors.page(user, state=state, after=last),
        "state": state,
        "states": selectors.STATES,
        "first": last is None,
        "may_declare": selectors.acts_any(user),
    }
    return fragments.render_page(request, "console/incidents.html", context, fragment="rows")


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """Show one incident; while it is not resolved the page asks every half minute for what changes."""
    return _page(request, person(request), number)


@require_POST
def acknowledge(request: HttpRequest, number: int) -> HttpResponse:
    """Say that one looks after it."""
    return _done(request, number, services.acknowledge, _("It is yours."))


@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Take it over."""
    return _done(request, number, services.take, _("It is yours."))


@require_POST
def note(request: HttpRequest, number: int) -> HttpResponse:
    """Write a line into the timeline."""
    text = request.POST.get("text", "")
    return _done(request, number, services.note, _("Written into the timeline."), form="note", text=text)


@require_POST
def resolve(request: HttpRequest, number: int) -> HttpResponse:
    """Close it with what it was."""
    text = request.POST.get("text", "")
    return _done(request, number, services.resolve, _("Resolved."), form="resolve", text=text)


@require_POST
def contain(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a declared one is over."""
    text = request.POST.get("text", "")
    return _done(request, number, declaring.contain, _("Said to be over."), form="contain", text=text)


@require_POST
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """Plan what keeps it from coming back."""
    given = {name: request.POST.get(name, "") for name in ("what", "owner")}
    due = _day(request.POST.get("due", ""))
    return _done(request, number, declaring.plan, _("Planned."), form="plan", due=due, **given)


@require_POST
def finish(request: HttpRequest, number: int, action_id: UUID) -> HttpResponse:
    """Say that an action is done."""
    return _done(request, number, declaring.finish, _("Done."), action_id=action_id)


@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """Show the form that declares an incident, and declare it."""
    user = person(request)
    choices = _agents(user)
    if not choices:
        raise NotAllowed("Who operates or releases an agent declares its incidents. An administrator can grant it.")
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            row = declaring.declare(
                agent=_chosen(choices, request.POST.get("agent", "")),
                title=request.POST.get("title", ""),
                text=request.POST.get("text", ""),
                began_at=_moment(request.POST.get("began_at", ""), user),
                by=user,
            )
        except Invalid as fault:
            errors = fault.fields
        else:
            messages.success(request, _("Declared. It is yours."))
            return redirect("console:incident", number=row.pk)
    context = {
        "agents": choices,
        "errors": errors,
        "given": request.POST,
        "least": services.LEAST,
        "most": services.MOST,
    }
    return render(request, "console/declare.html", context, status=422 if errors else 200)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        # Long over: the same words mend it.
        return date.min


def _agents(user: User) -> list[Agent]:
    found = {one.slug: one for right in selectors.ACT for one in visible.agents(user, right)}
    return sorted(found.values(), key=lambda one: one.name)


def _chosen(choices: list[Agent], slug: str) -> tuple[UUID, str]:
    for one in choices:
        if one.slug == slug:
            return one.pk, one.slug
    raise Invalid("Choose an agent.", fields={"agent": "Choose one of the list."})


def _moment(text: str, user: User) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(user.time_zone))
    except ValueError:
        raise Invalid("The time cannot be read.", fields={"began_at": "Write a day and a time."}) from None


def _done(
    request: HttpRequest, number: int, act: Callable[..., Any], said: str, *, form: str = "", **words: Any
) -> HttpResponse:
    user = person(request)
    try:
        act(number=_known(number), by=user, **words)
    except Invalid as fault:
        return _page(request, user, number, form=form, errors=fault.fields, status=422)
    except Conflict as fault:
        return _page(request, user, number, form=form, refused=fault.detail, status=409)
    messages.success(request, said)
    return redirect("console:incident", number=number)


def _known(number: int) -> int:
    # Beyond what the column holds there is none.
    return min(number, _MOST_NUMBER)


def _page(
    request: HttpRequest,
    user: User,
    number: int,
    *,
    form: str = "",
    errors: Mapping[str, str] | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "page": reading.page(user, _known(number), now=clock.now()),
        "form": form,
        "errors": errors or {},
        "refused": refused,
        "typed": request.POST.get("text", ""),
        "given": request.POST,
        "least": services.LEAST,
        "most": services.MOST,
    }
    return fragments.render_page(request, "console/incident.html", context, fragment="facts", status=status)
