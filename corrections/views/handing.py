"""Handing a case to a named colleague, from the workbench or on a page of its own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from corrections.selectors import colleagues, workbench
from corrections.services import handing
from corrections.views import entry
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

_PAGE = "corrections/hand_over.html"


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Ask to whom the case goes, and hand it over with what stands in the review form at that moment."""
    if request.method == "GET":
        return _asked(request, task_id)
    user = person(request)
    # Without script only what was saved is there; the workbench sends its form along.
    body = None
    if "time_spent_ms" in request.POST:
        case = workbench.case(task_id, user, now=clock.now(), whole=False)
        body = entry.draft(entry.body(request.POST, case), case, request.POST)
    try:
        done = handing.hand_over(
            task_id=task_id,
            token=entry.token(request.POST),
            to=request.POST.get("to", ""),
            note=request.POST.get("note", ""),
            body=body,
            by=user,
        )
    except Invalid as fault:
        return _asked(request, task_id, status=422, errors=fault.fields)
    except Conflict as fault:
        return _asked(request, task_id, status=409, errors={"to": fault.detail})
    words = f"Handed to {done.receiver}{', with your draft' if done.copied else ''}"
    messages.success(request, words)
    target = reverse("corrections:queue", args=[workbench.hold(task_id, user, now=clock.now()).queue_id])
    if fragments.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def _asked(
    request: HttpRequest, task_id: UUID, *, status: int = 200, errors: dict[str, str] | None = None
) -> HttpResponse:
    user = person(request)
    context: dict[str, Any] = {
        "colleagues": colleagues.of_task(task_id, user),
        "hold": workbench.hold(task_id, user, now=clock.now()),
        "errors": errors or {},
        "to": request.POST.get("to", ""),
        "note": request.POST.get("note", ""),
        "token": request.POST.get("token", ""),
    }
    return fragments.render_page(request, _PAGE, context, fragment="notice", status=status)
