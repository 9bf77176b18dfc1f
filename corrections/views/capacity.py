"""How a queue copes with its work."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from corrections.selectors import capacity
from reviewapp.core import clock
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def of_queue(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Show arrivals, throughput, what waits and who works, and when the queue is empty at this pace."""
    now = clock.now()
    one = capacity.of(person(request), queue_id, now=now)
    context = {"one": one, "empty_at": None if one.empty_in is None else now + one.empty_in}
    return fragments.render_page(request, "corrections/capacity.html", context, fragment="figures")
