"""Lineage of a decision."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from policies.selectors import lineage as reading
from reviewapp.core.web.people import person


@require_GET
def lineage(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Show what a decision came from, what people made of it, which versions learned from it, and the proof."""
    return render(request, "policies/lineage.html", {"page": reading.page(person(request), decision_id)})
