"""Escalations: the inbox, and one with its evidence."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from corrections.selectors import escalations as reading
from corrections.services import escalations as deciding
from corrections.views.people import person
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments

_DONE = {
    "approved": "Approved. The correction counts now.",
    "rejected": "Rejected. Someone else judges the case.",
    "returned": "Returned to its author with your words.",
}


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the escalations that wait, or those decided."""
    user = person(request)
    state = "decided" if request.GET.get("state") == "decided" else "pending"
    context = {"rows": reading.inbox(user, state=state), "state": state}
    return fragments.render_page(request, "corrections/escalations.html", context, fragment="rows")


@require_http_methods(["GET", "POST"])
def escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Show an escalation, or decide it."""
    user = person(request)
    errors: dict[str, str] = {}
    conflict, status = "", 200
    if request.method == "POST":
        try:
            done = deciding.decide(
                escalation_id=escalation_id,
                verdict=request.POST.get("verdict", ""),
                rationale=request.POST.get("rationale", ""),
                by=user,
            )
        except Invalid as fault:
            errors, status = fault.fields, 422
        except Conflict as fault:
            conflict, status = fault.detail, 409
        else:
            messages.success(request, _DONE[done.approval.state])
            return redirect("corrections:escalations")
    context = {
        "one": reading.detail(escalation_id, user),
        "errors": errors,
        "conflict": conflict,
        "rationale": request.POST.get("rationale", ""),
        "chosen": request.POST.get("verdict", ""),
    }
    return fragments.render_page(request, "corrections/escalation.html", context, fragment="decide", status=status)
