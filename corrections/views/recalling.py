"""Recalling one's own correction after it has taken effect."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from corrections.selectors import recalls
from corrections.services import recalling
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web.people import person


@require_http_methods(["GET", "POST"])
def recall(request: HttpRequest, correction_id: UUID) -> HttpResponse:
    """Say what recalling a correction does, and do it."""
    user = person(request)
    page = recalls.page(user, correction_id, now=clock.now())
    reason, fault = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            recalling.recall(correction_id=correction_id, reason=reason, by=user)
        except Invalid as wrong:
            fault = wrong.fields["reason"]
        except Conflict as wrong:
            messages.warning(request, wrong.detail)
            return redirect("corrections:home")
        else:
            messages.success(request, _("Recalled: it counts no more, and whoever was told of it is told of that"))
            return redirect("corrections:home")
    context = {"page": page, "reason": reason, "errors": {"reason": fault} if fault else {}}
    return render(request, "corrections/recall.html", context, status=422 if fault else 200)
