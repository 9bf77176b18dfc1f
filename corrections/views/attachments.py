"""Files that go with a judgement: given at the workbench, read by who may read the judgement."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from corrections.selectors import attachments as selector
from corrections.selectors import workbench
from corrections.services import attachments, drafts
from corrections.views import entry
from reviewapp.core import blobs, clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, DomainError, Invalid, TooLarge
from reviewapp.core.web import downloads, fragments, uploads
from reviewapp.core.web.people import person

_PART = "corrections/_attachments.html"


@require_POST
def add(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Add the chosen files to the draft; those that are not taken are named, each with why."""
    user = person(request)
    _keep_draft(request, task_id, user)
    faults = [f"{name} is too large." for name in uploads.too_large(request)]
    conflict = False
    for file in request.FILES.getlist("files"):
        try:
            attachments.add(task_id=task_id, name=file.name or "", content=file.read(), by=user)
        except Invalid as fault:
            faults += fault.fields.values()
        except (Conflict, TooLarge) as fault:
            faults.append(fault.detail)
            conflict |= isinstance(fault, Conflict)
    if not faults and not request.FILES:
        faults.append("Choose a file first.")
    return _shown(request, task_id, user, faults, 409 if conflict else 422 if faults else 200)


@require_POST
def remove(request: HttpRequest, task_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Take a file out of the draft."""
    user = person(request)
    _keep_draft(request, task_id, user)
    attachments.remove(task_id=task_id, attachment_id=attachment_id, by=user)
    return _shown(request, task_id, user, [], 200)


@require_GET
def content(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """Send a file to whoever may read the judgement that it goes with."""
    found = selector.readable(attachment_id, person(request))
    with blobs.store().open(found.digest) as file:
        return downloads.download(file.read(), name=found.name, media_type=found.media_type)


def _keep_draft(request: HttpRequest, task_id: UUID, user: User) -> None:
    """Without script the whole form is posted with the files: what was typed must not be lost by it."""
    if fragments.wants_fragment(request):
        return
    case = workbench.case(task_id, user, now=clock.now(), whole=False)
    try:
        drafts.save(task_id=task_id, body=entry.draft(entry.body(request.POST, case), case, request.POST), by=user)
    except DomainError:
        # A draft too large or too late: the files tell why themselves.
        return


def _shown(request: HttpRequest, task_id: UUID, user: User, faults: list[str], status: int) -> HttpResponse:
    if not fragments.wants_fragment(request) and not faults:
        return redirect("corrections:task", task_id=task_id)
    case = workbench.case(task_id, user, now=clock.now(), whole=False)
    context: dict[str, Any] = {"case": case, "faults": faults, "announce": True, **entry.takes(case.spec)}
    page = _PART if fragments.wants_fragment(request) else "corrections/attachments.html"
    return render(request, page, context, status=status)
