"""One version: what it changes, and the way to its approval."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from policies import forms
from policies.selectors import artifacts, versions
from policies.services import versions as services
from policies.views import present
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

_DECIDED = {
    "approved": "Approved. The rollout can be started.",
    "rejected": "Rejected. The version stays in the list with your reason.",
    "returned": "Sent back with your words.",
}


@require_GET
def version(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Show what a version changes, in words or as source."""
    return _page(request, version_id)


@require_GET
def policy(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Hand out the exact bytes that serve, so that anyone can check them against the digest."""
    found = artifacts.sealed(person(request), version_id)
    response = HttpResponse(found.content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


@require_GET
def envelope(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Hand out the same bytes with who signed them, so that anyone who has the public key can check that too."""
    found = artifacts.signed(person(request), version_id)
    response = HttpResponse(found.content, content_type="application/vnd.dsse.envelope.v1+json")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


@require_POST
def submit(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Ask a second person to approve the version with the plan that was entered."""
    by = person(request)
    return _done(
        request,
        version_id,
        lambda: services.submit(version_id=version_id, plan=forms.plan(request.POST), by=by),
        "Submitted. Someone else decides now.",
    )


@require_POST
def decide(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Approve a submitted version, reject it or send it back."""
    by, verdict, rationale = person(request), request.POST.get("verdict", ""), request.POST.get("rationale", "")
    return _done(
        request,
        version_id,
        lambda: services.decide(version_id=version_id, verdict=verdict, rationale=rationale, by=by),
        _DECIDED.get(verdict, ""),
    )


@require_POST
def withdraw(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Take one's own submission back."""
    by, rationale = person(request), request.POST.get("rationale", "")
    return _done(
        request,
        version_id,
        lambda: services.withdraw(version_id=version_id, rationale=rationale, by=by),
        "Withdrawn. You can submit it again, with another plan if you like.",
    )


def _done(request: HttpRequest, version_id: UUID, act: Callable[[], Any], said: str) -> HttpResponse:
    """Carry an action out for someone who may see the version; faults come back on the page with everything typed."""
    versions.header(person(request), version_id)
    try:
        act()
    except Invalid as fault:
        return _page(request, version_id, errors=fault.fields, status=422)
    except Conflict as fault:
        return _page(request, version_id, refused=fault.detail, status=409)
    messages.success(request, said)
    return redirect("policies:version", version_id=version_id)


def _page(
    request: HttpRequest,
    version_id: UUID,
    *,
    errors: Mapping[str, str] | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    user = person(request)
    page = versions.changes(user, version_id)
    as_source = request.GET.get("view") == "source"
    stages = [(one.share_bp, one.min_decisions, one.min_minutes) for one in page.plan[:-1]]
    filled = forms.entered(request.POST) if "share" in request.POST else forms.planned(stages)
    context = {
        "page": page,
        "header": page.header,
        "tab": "changes",
        "acts": {action.code: action for action in page.header.actions},
        "changes": present.grouped(page.changes),
        "as_source": as_source,
        "source": artifacts.source(user, version_id) if as_source else (),
        "stage_rows": forms.rows(filled, errors),
        "errors": errors or {},
        "refused": refused,
        "verdict": request.POST.get("verdict", ""),
        "rationale": request.POST.get("rationale", ""),
    }
    return fragments.render_page(request, "policies/version.html", context, fragment="changes", status=status)
