"""How good a version is, with the uncertainty drawn."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from policies.selectors import evaluations
from policies.views import present
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def evaluation(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Show gates, measures, what changes, calibration and segments; `evaluation` alone as a fragment."""
    page = evaluations.page(person(request), version_id)
    found = page.evaluation
    context = {
        "header": page.header,
        "tab": "evaluation",
        "found": found,
        "figures": page.figures,
        "measures": present.measures(found) if found else (),
        "calibration_text": present.calibrated(found.calibration) if found else "",
    }
    return fragments.render_page(request, "policies/evaluation.html", context, fragment="evaluation")
