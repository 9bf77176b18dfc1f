"""What exactly was approved, by whom, and everything that happened to a version."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from policies.selectors import audits
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def audit(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Show digests, approvals with what they were bound to, and the log; `log` alone as a fragment."""
    page = audits.page(person(request), version_id)
    context = {"page": page, "header": page.header, "tab": "audit"}
    return fragments.render_page(request, "policies/audit.html", context, fragment="log")
