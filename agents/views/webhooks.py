"""Webhooks of an agent: where its answers are sent, and what could not be delivered."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from agents.selectors import visible
from agents.selectors import webhooks as reads
from agents.selectors.webhooks import WebhookPage
from agents.services import webhooks
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

_TEMPLATE = "agents/webhooks.html"


@require_GET
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an agent's webhooks."""
    return _shown(request, _page(person(request), slug))


@require_GET
def messages(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a page of an agent's messages, filtered by state."""
    user = person(request)
    state = request.GET.get("state", "")
    state = state if state in dict(reads.STATES) else ""
    context = {
        "agent": visible.agent(user, slug),
        "found": reads.messages(user, slug, state=state, after=_after(request.GET.get("after", ""))),
        "state": state,
        "states": reads.STATES,
        "first": not request.GET.get("after"),
    }
    return fragments.render_page(request, "agents/messages.html", context, fragment="rows")


@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add an address and show its secret, once: this answer is the only place where it ever stands."""
    user = person(request)
    page = _page(user, slug)
    url, description = request.POST.get("url", ""), request.POST.get("description", "")
    try:
        _, secret = webhooks.add(agent_id=page.agent.pk, url=url, description=description, by=user)
    except Invalid as fault:
        return _shown(request, page, status=422, errors=fault.fields, url=url, description=description)
    return _shown(request, _page(user, slug), secret=secret)


@require_POST
def rotate(request: HttpRequest, slug: str, webhook_id: UUID) -> HttpResponse:
    """Give an address a new secret and show it, once."""
    user = person(request)
    _own(_page(user, slug), webhook_id)
    secret = webhooks.rotate(endpoint_id=webhook_id, by=user)
    return _shown(request, _page(user, slug), secret=secret)


@require_POST
def pause(request: HttpRequest, slug: str, webhook_id: UUID) -> HttpResponse:
    """Stop sending to an address."""
    return _done(request, slug, webhook_id, webhooks.pause)


@require_POST
def resume(request: HttpRequest, slug: str, webhook_id: UUID) -> HttpResponse:
    """Send to an address again."""
    return _done(request, slug, webhook_id, webhooks.resume)


@require_POST
def test(request: HttpRequest, slug: str, webhook_id: UUID) -> HttpResponse:
    """Send a message that says nothing."""
    return _done(request, slug, webhook_id, webhooks.test)


@require_POST
def remove(request: HttpRequest, slug: str, webhook_id: UUID) -> HttpResponse:
    """Send nothing to an address any more."""
    return _done(request, slug, webhook_id, webhooks.remove)


@require_POST
def replay_all(request: HttpRequest, slug: str) -> HttpResponse:
    """Send once more everything that was given up."""
    user = person(request)
    webhooks.replay_all(agent_id=_page(user, slug).agent.pk, by=user)
    return _back(request, user, slug)


@require_POST
def replay(request: HttpRequest, slug: str, delivery_id: UUID) -> HttpResponse:
    """Send a message once more."""
    user = person(request)
    page = _page(user, slug)
    if not reads.delivery_of(page.agent.pk, delivery_id):
        raise Missing("There is no such message.")
    webhooks.replay(delivery_id=delivery_id, by=user)
    return _back(request, user, slug)


def _done(request: HttpRequest, slug: str, webhook_id: UUID, act: Callable[..., Any]) -> HttpResponse:
    user = person(request)
    _own(_page(user, slug), webhook_id)
    act(endpoint_id=webhook_id, by=user)
    return _back(request, user, slug)


def _back(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    if fragments.wants_fragment(request):
        return _shown(request, _page(user, slug))
    return redirect("agents:webhooks", slug=slug)


def _own(page: WebhookPage, webhook_id: UUID) -> None:
    if not reads.endpoint_of(page.agent.pk, webhook_id):
        raise Missing("There is no such address.")


def _after(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        # A mangled link shows the first page rather than an error.
        return None


def _page(user: User, slug: str) -> WebhookPage:
    return reads.page(user, slug, now=clock.now())


def _shown(request: HttpRequest, page: WebhookPage, *, status: int = 200, **context: Any) -> HttpResponse:
    full = {"page": page, "errors": {}, **context}
    response = fragments.render_page(request, _TEMPLATE, full, fragment="webhooks", status=status)
    response["Cache-Control"] = "no-store"
    return response
