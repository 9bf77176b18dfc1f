"""Searching, keeping searches, and taking what they find as a file."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from corrections.rules import searching as rules
from corrections.rules.searching import Query, QueryFault
from corrections.selectors import rights
from corrections.selectors import searching as reading
from corrections.services import exporting, searching
from reviewapp.core import clock
from reviewapp.core.errors import Invalid, Missing
from reviewapp.core.web import downloads, fragments
from reviewapp.core.web.people import person

_TITLES = {"tasks": "Tasks", "decisions": "Decisions", "corrections": "Corrections"}


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what a search finds."""
    user = person(request)
    kind, text, asked, fault = _asked(request)
    found = None
    if asked is not None:
        try:
            found = reading.find(user, asked, now=clock.now(), after=_after(request.GET.get("after", "")))
        except Missing as missing:
            fault = missing.detail
    context: dict[str, Any] = {
        "kind": kind,
        "query": text,
        "fault": fault,
        "found": found,
        "asked": asked,
        "first": not request.GET.get("after"),
        "tabs": [(one, _TITLES[one]) for one in rules.KINDS],
        "fields": rules.FIELDS[kind],
        "formats": list(exporting.FORMATS),
        "may_arrange": kind == "tasks" and rights.keeps_any(user),
    }
    if not fragments.wants_fragment(request):
        context["views"] = reading.views(user)
    return fragments.render_page(request, "corrections/search.html", context, fragment="results")


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """Send what a search finds as a file."""
    form = request.GET.get("format", "csv")
    if form not in exporting.FORMATS:
        raise Missing(_("There is no such format. Use csv, jsonl or parquet."))
    _kind, _text, asked, fault = _asked(request)
    if asked is None:
        raise Invalid(fault, fields={"q": fault})
    made = exporting.begin(asked=asked, form=form, now=clock.now(), by=person(request))
    return downloads.stream(made.content, name=made.name, media_type=made.media_type)


@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """Show the views with how many each finds now."""
    user = person(request)
    return render(request, "corrections/_views.html", {"views": _counted(user)})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep a search under a name."""
    posted = request.POST
    kind, text = posted.get("kind", ""), posted.get("q", "")
    try:
        searching.save_view(
            name=posted.get("name", ""), kind=kind, query=text, shared=posted.get("shared") == "on", by=person(request)
        )
    except Invalid as fault:
        for words in fault.fields.values():
            messages.error(request, words)
    else:
        messages.success(request, _("View saved"))
    return redirect(_at(kind, text))


@require_POST
def change(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Share one's own view, keep it to oneself, rename it, or delete it."""
    user, operation = person(request), request.POST.get("op", "")
    try:
        if operation == "delete":
            searching.delete_view(view_id=view_id, by=user)
            messages.info(request, _("View deleted"))
        elif operation in {"share", "unshare"}:
            searching.change_view(view_id=view_id, shared=operation == "share", by=user)
        else:
            searching.change_view(view_id=view_id, name=request.POST.get("name", ""), by=user)
    except Invalid as fault:
        for words in fault.fields.values():
            messages.error(request, words)
    return redirect("corrections:search")


def _counted(user: Any) -> list[dict[str, Any]]:
    listed = []
    for view in reading.views(user):
        try:
            asked = rules.read(view.kind, view.query)
            number: int | None = reading.count(user, asked, now=clock.now())
        except (QueryFault, Missing):
            # Of another's view somebody may be without the right to see its agent.
            number = None
        listed.append({"view": view, "count": number, "many": (number or 0) > reading.COUNT_UP_TO})
    return listed


def _asked(request: HttpRequest) -> tuple[str, str, Query | None, str]:
    """Return kind, text, the query or None, and what is wrong with it."""
    kind, text = request.GET.get("kind", "tasks"), request.GET.get("q", "").strip()
    kind = kind if kind in rules.KINDS else "tasks"
    try:
        return kind, text, rules.read(kind, text), ""
    except QueryFault as fault:
        return kind, text[: rules.LONGEST], None, str(fault)


def _at(kind: str, text: str) -> str:
    return f"{reverse('corrections:search')}?{urlencode({'kind': kind, 'q': text})}"


def _after(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        # A mangled link shows the first page rather than an error.
        return None
