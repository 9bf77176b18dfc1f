"""What approving an escalated correction could change: a part of its page that is asked for on its own."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from corrections.selectors import preview as reading
from reviewapp.core import clock
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def preview(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Show how many recent answers would be others if the correction stood as a learned exception."""
    found = reading.of_escalation(escalation_id, person(request), now=clock.now())
    return fragments.render_page(request, "corrections/preview.html", {"preview": found}, fragment="replayed")
