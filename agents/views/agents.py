"""Agents: the list, and one with its contract, its slot and its keys."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from agents.contracts import sample, words
from agents.selectors import boards, latency, load, outcomes
from agents.selectors.boards import AgentPage
from agents.services import keys
from reviewapp.core import clock
from reviewapp.core.accounts import keyring
from reviewapp.core.errors import Invalid
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

_TEMPLATE = "agents/detail.html"


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the agents the person may see."""
    return fragments.render_page(
        request, "agents/list.html", {"rows": boards.rows(person(request), today=clock.now().date())}, fragment="rows"
    )


@require_GET
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one agent."""
    page = boards.page(person(request), slug)
    return fragments.render_page(request, _TEMPLATE, _context(request, page), fragment="keys")


@require_POST
def create_key(request: HttpRequest, slug: str) -> HttpResponse:
    """Issue a key and show it, once: this answer is the only place where it ever stands."""
    user = person(request)
    page = boards.page(user, slug)
    name, days = request.POST.get("name", ""), request.POST.get("days", "")
    use, made, errors = request.POST.get("use", "decide"), "", {}
    try:
        made = keys.issue(agent_id=page.row.id, name=name, days=_days(days), use=use, by=user)
    except Invalid as fault:
        errors = fault.fields
    context = {
        **_context(request, page),
        "made": made,
        "errors": errors,
        "name": name if errors else "",
        "days": days,
        "use": use,
    }
    response = fragments.render_page(request, _TEMPLATE, context, fragment="keys", status=422 if errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_key(request: HttpRequest, slug: str, key_id: UUID) -> HttpResponse:
    """Revoke a key and show the rest."""
    user = person(request)
    page = boards.page(user, slug)
    keys.revoke(agent_id=page.row.id, key_id=key_id, by=user)
    if fragments.wants_fragment(request):
        return fragments.render_page(request, _TEMPLATE, _context(request, page), fragment="keys")
    return redirect("agents:detail", slug=slug)


def _days(text: str) -> int | None:
    if text not in {"", "30", "90", "365"}:
        raise Invalid("The key cannot be issued.", fields={"days": "Choose one of the lengths of time."})
    return int(text) if text else None


def _context(request: HttpRequest, page: AgentPage) -> dict[str, Any]:
    context: dict[str, Any] = {
        "page": page,
        "board": outcomes.board(person(request), page.row.slug),
        "keys": keyring.of_agent(page.row.id, now=clock.now()) if page.may_develop else [],
    }
    if page.contract is not None:
        spec = page.contract.spec
        context |= {
            "spec": spec,
            "times": latency.recent(page.row.id),
            "today": clock.now().date(),
            "dropped": load.dropped(page.row.id, now=clock.now()) if spec.drops_unknown else None,
            "room": load.room(page.row.id, spec),
            "over": words.beyond_capacity(spec),
            "inputs": words.field_list(spec.input_schema),
            "outputs": words.field_list(spec.output_schema),
            "failures": words.failures(spec),
            "reasons": words.reasons(spec),
            "review_time": words.duration(spec.review_minutes),
            "curl": _curl(page),
        }
    return context


def _curl(page: AgentPage) -> str:
    """Return a command that asks for a first decision, ready to paste once the key is put in."""
    if page.contract is None:
        return ""
    spec = page.contract.spec
    body: dict[str, Any] = {"input": sample.document(spec.input_schema)}
    if spec.mode == "propose":
        body["proposal"] = {"output": sample.document(spec.output_schema), "confidence": 0.8}
    return (
        f"curl -X POST {settings.WEB_ORIGIN}/api/v1/agents/{page.row.slug}/decisions \\\n"
        "  -H 'Authorization: Bearer YOUR_KEY' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{json.dumps(body, ensure_ascii=False).replace(chr(39), chr(92) + 'u0027')}'"
    )
