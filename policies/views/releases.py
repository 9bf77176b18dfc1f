"""The releases of an agent: who decides now, every version, and building the next one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from policies.rollout.plan import WHOLE
from policies.selectors import boards, sources
from policies.services import builds
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments, paging
from reviewapp.core.web.people import person

_TEMPLATE = "policies/releases.html"


@require_GET
def releases(request: HttpRequest) -> HttpResponse:
    """Show the versions of one agent, newest first, a page at a time."""
    after = paging.read(request.GET.get("after", ""), parts=1)
    before = int(after[0]) if after else None
    found = boards.board(person(request), request.GET.get("agent"), before=before, limit=settings.PAGE_SIZE)
    return fragments.render_page(request, _TEMPLATE, _context(found, paged=bool(after)), fragment="rows")


@require_http_methods(["GET", "POST"])
def build(request: HttpRequest, agent: str) -> HttpResponse:
    """Ask for a version (POST), and say how far the latest build is: the page asks every two seconds while it runs."""
    user = person(request)
    refused, status = "", 200
    if request.method == "POST":
        try:
            builds.request(agent_id=sources.named(user, agent).id, reason="Asked for on the releases page", by=user)
        except (Conflict, Invalid) as fault:
            refused, status = fault.detail, fault.status
        else:
            if not fragments.wants_fragment(request):
                messages.success(request, "The build is under way.")
                return redirect(f"{reverse('policies:releases')}?{urlencode({'agent': agent})}")
    context = {**_context(boards.board(user, agent, limit=settings.PAGE_SIZE)), "refused": refused}
    context["swapped"] = fragments.wants_fragment(request)
    return fragments.render_page(request, _TEMPLATE, context, fragment="build", status=status)


def _context(found: boards.Board, *, paged: bool = False) -> dict[str, Any]:
    return {
        "board": found,
        "shares": [one.share_bp / WHOLE for one in found.serving],
        "build_action": found.actions[0],
        "building": found.build is not None and found.build.finished_at is None,
        "older": paging.write(str(found.older_than)) if found.older_than is not None else "",
        "paged": paged,
    }
