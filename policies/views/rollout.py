"""A version on its way into traffic, and out of it again."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from policies.selectors import rollouts, versions
from policies.services import releases, revoking
from policies.views import present
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

_MOST_NUMBERS = 8
_SAID = {
    "release": "The rollout has started.",
    "advance": "The version has the next share of the traffic.",
    "pause": "Paused. All traffic goes to the stable version.",
    "resume": "Resumed at the same stage.",
    "rollback": "Rolled back. Every serving process follows within a second.",
    "revoke": "Revoked. No serving process takes this version again.",
}


@require_GET
def rollout(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Show stages, guards and the log; the page asks for the part that changes every ten seconds while it is open."""
    return _page(request, version_id)


@require_POST
def act(request: HttpRequest, version_id: UUID, move: str) -> HttpResponse:
    """Start, advance, pause, resume, roll back or revoke; faults come back on the page with everything typed."""
    user = person(request)
    head = versions.header(user, version_id)
    try:
        _MOVES[move](request, head, user)
    except Invalid as fault:
        return _page(request, version_id, move=move, errors=fault.fields, status=422)
    except Conflict as fault:
        return _page(request, version_id, move=move, refused=fault.detail, status=409)
    messages.success(request, _SAID[move])
    return redirect("policies:rollout", version_id=version_id)


def _start(_: HttpRequest, head: versions.Header, user: User) -> None:
    releases.start(version_id=head.id, by=user)


def _advance(request: HttpRequest, head: versions.Header, user: User) -> None:
    stage = request.POST.get("stage", "")
    if not stage.isdigit():
        raise Invalid("Say which stage you saw.", fields={"stage": "Reload the page, then advance."})
    releases.advance(release_id=_of(head), rationale=_why(request), from_stage=int(stage), by=user)


def _pause(request: HttpRequest, head: versions.Header, user: User) -> None:
    releases.pause(release_id=_of(head), rationale=_why(request), by=user)


def _resume(request: HttpRequest, head: versions.Header, user: User) -> None:
    releases.resume(release_id=_of(head), rationale=_why(request), by=user)


def _rollback(request: HttpRequest, head: versions.Header, user: User) -> None:
    raw = request.POST.get("to_version", "")
    try:
        target = UUID(raw) if raw else None
    except ValueError:
        raise Invalid("Choose a version.", fields={"to_version": "Choose one of the list."}) from None
    releases.rollback(release_id=_of(head), rationale=_why(request), to_version_id=target, by=user)


def _revoke(request: HttpRequest, head: versions.Header, user: User) -> None:
    revoking.revoke(version_id=head.id, rationale=_why(request), by=user)


_MOVES: dict[str, Callable[[HttpRequest, versions.Header, User], None]] = {
    "release": _start,
    "advance": _advance,
    "pause": _pause,
    "resume": _resume,
    "rollback": _rollback,
    "revoke": _revoke,
}


def _of(head: versions.Header) -> UUID:
    if head.release_id is None:
        raise Conflict(f"Version {head.number} is not in rollout.", code="wrong_state")
    return head.release_id


def _why(request: HttpRequest) -> str:
    return request.POST.get("rationale", "")


def _page(
    request: HttpRequest,
    version_id: UUID,
    *,
    move: str = "",
    errors: Mapping[str, str] | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    page = rollouts.page(person(request), version_id)
    context: dict[str, Any] = {
        "page": page,
        "header": page.header,
        "tab": "rollout",
        "acts": {action.code: action for action in page.header.actions},
        "open": page.release is not None and page.release.live_at is None and page.release.finished_at is None,
        "guards": [(guard, present.limit(guard), guard.series[-_MOST_NUMBERS:]) for guard in page.guards],
        "move": move or request.GET.get("act", ""),
        "errors": errors or {},
        "refused": refused,
        "rationale": _why(request),
    }
    return fragments.render_page(request, "policies/rollout.html", context, fragment="progress", status=status)
