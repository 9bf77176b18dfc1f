"""What a queue does before a deadline and once it is missed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from corrections.selectors import deadlines as reading
from corrections.services import deadlines
from reviewapp.core.errors import Invalid
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

_NUMBERS = ("warn_minutes", "warn_raise", "breach_raise")
_BOXES = ("warn_notify", "breach_notify", "breach_answer")


@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Show what a queue does about deadlines, or change it."""
    user = person(request)
    page = reading.page(user, queue_id)
    if request.method == "GET":
        return _shown(request, page, page.entered)
    entered, faults = _entered(request.POST)
    if not faults:
        try:
            deadlines.configure(queue_id=queue_id, by=user, **entered)
        except Invalid as fault:
            faults = fault.fields
    if faults:
        return _shown(request, page, {**entered, **request.POST.dict()}, errors=faults)
    messages.success(request, "Saved. It holds for every open case from now on.")
    target = reverse("corrections:queue", args=[queue_id])
    if fragments.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def _entered(posted: QueryDict) -> tuple[dict[str, Any], dict[str, str]]:
    entered: dict[str, Any] = {name: posted.get(name) == "on" for name in _BOXES}
    entered["breach_move"] = posted.get("breach_move", "")
    faults = {}
    for name in _NUMBERS:
        text = posted.get(name, "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 8):
            faults[name] = "Enter a whole number."
        else:
            entered[name] = int(text) if text else (None if name == "warn_minutes" else 0)
    return entered, faults


def _shown(
    request: HttpRequest, page: reading.RulesPage, entered: dict[str, Any], *, errors: dict[str, str] | None = None
) -> HttpResponse:
    context = {"page": page, "entered": entered, "errors": errors or {}}
    return fragments.render_page(
        request, "corrections/deadlines.html", context, fragment="form", status=422 if errors else 200
    )
