"""Incidents: the list, one with its timeline, and what people do about it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reviewapp.console import incidents as reading
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.incidents import selectors, services
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


def _done(
    request: HttpRequest, number: int, act: Callable[..., Any], said: str, *, form: str = "", **words: str
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
        "least": services.LEAST,
        "most": services.MOST,
    }
    return fragments.render_page(request, "console/incident.html", context, fragment="facts", status=status)
