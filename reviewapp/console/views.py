"""The operations page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from reviewapp.console import operations as reading
from reviewapp.core import clock
from reviewapp.core.errors import NotAllowed
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    """Show how an agent does over a period; htmx asks for the figures alone, every minute."""
    user = person(request)
    now = clock.now()
    found = reading.page(user, request.GET.get("agent", ""), request.GET.get("period", ""), now=now)
    if found is None:
        raise NotAllowed("Operations shows agents, and your roles show you none.")
    context = {"page": found, "periods": list(reading.PERIODS), "now": now}
    return fragments.render_page(request, "console/operations.html", context, fragment="figures")
