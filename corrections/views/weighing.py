"""How urgent a queue makes its cases: the points, and what they would make of those that wait."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from corrections.rules.priority import Weights
from corrections.selectors import weighing as reading
from corrections.services import weighing
from reviewapp.core.errors import Invalid
from reviewapp.core.web.people import person

_WHOLE = ("uncertain", "escalated", "rule", "sampled", "risk", "waiting", "value", "age_points", "age_hours")


@require_http_methods(["GET", "POST"])
def weights(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Show a queue's weights; change them, or try them on the cases that wait."""
    user = person(request)
    page = reading.page(user, queue_id)
    if request.method == "GET":
        return render(request, "corrections/weights.html", {"page": page, "entered": page.entered})
    shown: dict[str, Any] = {"page": page, "entered": request.POST.dict()}
    given, faults = _given(request.POST)
    if not faults:
        try:
            if request.POST.get("op") == "try":
                shown["trial"] = reading.trial(user, queue_id, weights=given)
                return render(request, "corrections/weights.html", shown)
            weighing.configure(queue_id=queue_id, weights=given, by=user)
        except Invalid as fault:
            faults = fault.fields
    if faults:
        return render(request, "corrections/weights.html", {**shown, "errors": faults}, status=422)
    messages.success(request, _("Saved. Cases that wait are weighed again within minutes"))
    return redirect("corrections:weights", queue_id=queue_id)


def _given(posted: QueryDict) -> tuple[Weights, dict[str, str]]:
    faults: dict[str, str] = {}
    numbers: dict[str, Any] = {"value_of": posted.get("value_of", "").strip()}
    for name in _WHOLE:
        text = posted.get(name, "").strip().replace("−", "-") or "0"
        try:
            numbers[name] = int(text) if len(text) < 6 else 99_999
        except ValueError:
            faults[name] = _("Enter a whole number.")
    try:
        text = posted.get("value_full", "").strip().replace(",", ".") or "0"
        numbers["value_full"] = float(text) if len(text) < 20 else -1.0
    except ValueError:
        faults["value_full"] = _("Enter a number.")
    return (Weights(**numbers) if not faults else Weights()), faults
