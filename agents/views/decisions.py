"""Decisions: the list, and one with everything it came from and led to."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from agents.selectors import cases, decisions, outcomes, story, visible
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of decisions, filtered by agent and status."""
    user = person(request)
    agent, status = request.GET.get("agent", ""), request.GET.get("status", "")
    status = status if status in dict(decisions.STATUSES) else ""
    context = {
        "found": decisions.page(user, agent=agent, status=status, after=_after(request.GET.get("after", ""))),
        "agents": visible.agents(user),
        "agent": agent,
        "status": status,
        "statuses": decisions.STATUSES,
        "first": not request.GET.get("after"),
    }
    return fragments.render_page(request, "agents/decisions.html", context, fragment="rows")


@require_GET
def detail(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Show one decision; htmx asks for its timeline alone, to follow what people do with it."""
    user = person(request)
    context = {
        "case": cases.case(user, decision_id),
        "story": story.of_decision(user, decision_id),
        "told": outcomes.told(decision_id),
    }
    return fragments.render_page(request, "agents/decision.html", context, fragment="story")


def _after(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        # A mangled link shows the first page rather than an error.
        return None
