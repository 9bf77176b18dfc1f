"""Approving several escalations that ask for the same thing: listed beside each other, each with its own reason."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from corrections.selectors import alike as reading
from corrections.selectors import escalations
from corrections.services import approving
from reviewapp.core import clock
from reviewapp.core.errors import Invalid
from reviewapp.core.web.people import person


@require_http_methods(["GET", "POST"])
def alike(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """List the escalations beside this one with what keeps each from being approved together, or approve those ticked."""
    user, posted, now = person(request), request.POST, clock.now()
    errors: dict[str, str] = {}
    context: dict[str, Any] = {}
    chosen = _chosen(posted)
    if request.method == "POST":
        words = {one: posted.get(f"rationale-{one}", "") for one in chosen}
        try:
            done = approving.approve(escalation_id=escalation_id, rationales=words, by=user)
        except Invalid as fault:
            errors = _placed(fault.fields, chosen)
        else:
            context["done"] = done
    rows = reading.beside(escalation_id, user, now=now, only=chosen if "done" in context else ())
    names = {row.id: row.case_ref for row in rows}
    context |= {
        "one": escalations.detail(escalation_id, user, now=now),
        "rows": [_line(row, posted, errors, ticked=request.method == "GET" or row.id in chosen) for row in rows],
        "open": sum(1 for row in rows if not row.why_not),
        "errors": errors,
    }
    if "done" in context:
        left = [(names.get(one.id, ""), one.why_not) for one in context["done"] if not one.approved]
        context |= {"left": left, "good": len(context["done"]) - len(left)}
    return render(request, "corrections/alike.html", context, status=422 if errors else 200)


def _line(row: reading.Alike, posted: QueryDict, errors: dict[str, str], *, ticked: bool) -> dict[str, Any]:
    name = f"rationale-{row.id}"
    return {"row": row, "ticked": ticked, "words": posted.get(name, ""), "error": errors.get(name, "")}


def _chosen(posted: QueryDict) -> list[UUID]:
    found = []
    for text in posted.getlist("approve")[: reading.MOST + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _placed(fields: dict[str, str], chosen: list[UUID]) -> dict[str, str]:
    # The service counts what it was given; the page has a field for each escalation.
    placed = {}
    for path, words in fields.items():
        parts = path.split(".")
        if len(parts) == 3:
            placed[f"rationale-{chosen[int(parts[1])]}"] = words
        else:
            placed["approve"] = _("Tick one to ten of them.")
    return placed
