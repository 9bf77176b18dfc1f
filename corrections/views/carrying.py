"""A draft and the contract it is for: what changed, what still fits, and carrying over what does."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from corrections.selectors import moved, workbench
from corrections.services import drafts
from corrections.views import entry
from reviewapp.core import clock
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def contract(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Say whether the contract of a case is still the newest, and what changed since."""
    found = moved.of_task(task_id, person(request))
    page = "corrections/_moved.html" if fragments.wants_fragment(request) else "corrections/moved.html"
    return render(request, page, {"moved": found})


@require_POST
def carry(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Save the draft as it fits the form of this case's contract; what has no place stays beside it until it is dropped."""
    user = person(request)
    case = workbench.case(task_id, user, now=clock.now(), whole=False)
    body = entry.draft(entry.body(request.POST, case), case, request.POST)
    body["contract_version"] = case.spec.version
    if "drop" in request.POST:
        body.pop("left_over", None)
    drafts.save(task_id=task_id, token=entry.token(request.POST), body=body, by=user)
    messages.success(request, "Dropped" if "drop" in request.POST else "Draft carried over")
    if fragments.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("corrections:task", args=[task_id])})
    return redirect("corrections:task", task_id=task_id)
