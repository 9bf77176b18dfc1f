"""Pages of the shell: preferences and the component gallery."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from reviewapp.core.accounts import services
from reviewapp.core.accounts.models import User
from reviewapp.core.web import gallery


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Change how the person sees the pages: theme, single-key shortcuts, time zone."""
    user = request.user
    if isinstance(user, User):
        changes: dict[str, Any] = {name: request.POST[name] for name in ("theme", "time_zone") if name in request.POST}
        if "single_keys" in request.POST:
            changes["single_keys"] = request.POST["single_keys"] == "on"
        services.change_preferences(user=user, changes=changes)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else "/")


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Show every component in each of its states."""
    return render(request, "components/gallery.html", gallery.samples())
