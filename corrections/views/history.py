"""Edit history of the judgements of a decision."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from corrections.selectors import history as reading
from reviewapp.core import clock
from reviewapp.core.web.people import person


@require_GET
def history(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Show every version of each judgement of a decision that the person may read."""
    page = reading.of_decision(decision_id, person(request), now=clock.now())
    return render(request, "corrections/history.html", {"page": page})
