"""Feature views: the list, and one with its freshness and what it knows of an entity."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from agents.selectors import feature_pages
from reviewapp.core import clock
from reviewapp.core.errors import Missing
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the feature views of the agents the person may see."""
    context = {"rows": feature_pages.rows(person(request), now=clock.now())}
    return fragments.render_page(request, "agents/features.html", context, fragment="rows")


@require_GET
def detail(request: HttpRequest, view: str) -> HttpResponse:
    """Show one feature view; htmx asks for what is known of one entity alone."""
    user, now = person(request), clock.now()
    page = feature_pages.page(user, view, now=now)
    asked = request.GET.get("entity", "").strip().replace("\x00", "")[:200]
    try:
        entity = feature_pages.entity(user, view, asked, now=now) if asked else None
    except Missing:
        entity = None
    context = {"page": page, "asked": asked, "entity": entity}
    return fragments.render_page(request, "agents/feature.html", context, fragment="entity")
